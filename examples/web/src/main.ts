/** The page's beginning: signs in, or goes on with the session of this window or of the browser. */
import { DchatHttp, DchatProblem, type Signer } from "./dchat-http.ts"
import { DchatIdentity, type User } from "./dchat-identity.ts"
import { goToLinkedIn, type LinkedInReturn, returnWords, takeReturn } from "./linkedin-trip.ts"
import { openSession } from "./session.ts"
import { h } from "./view/dom.ts"
import { signInView } from "./view/sign-in.ts"
import { claimDevice, windowIdentity } from "./window-identity.ts"

const app = document.querySelector<HTMLElement>("#app") ?? document.body
const device = await claimDevice()

/** By which the windows that share the browser's session tell each other that it goes on. */
const windows = new BroadcastChannel("dchat")

const http = (): DchatHttp =>
  new DchatHttp({
    base: location.origin,
    device,
    token: windowIdentity.token,
    tokenChanged: (token) => windowIdentity.token = token
  })

const tellWindows = (userId: string): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin only
  windows.postMessage(userId)
}

const open = (me: User, back?: LinkedInReturn, notice?: string): void => {
  if (windowIdentity.token === undefined) tellWindows(me.id)
  openSession(app, { device, me, back, notice, signedOut: (note) => signedOut(me, note), restart, useAnotherAccount })
}

const enter = async (signer: Signer) => {
  const client = http()
  await client.signIn(signer)
  windowIdentity.signedInBy(signer.address)
  windowIdentity.apart = true
  open(await new DchatIdentity(client).me())
}

const showSignIn = (note?: string, error?: string): void => {
  const failure = error === undefined ? undefined : { code: error, words: returnWords(error) }
  app.replaceChildren(
    signInView({ enter, goToLinkedIn: () => goToLinkedIn(http(), { mode: "login" }), note, failure })
  )
}

/** The user of this window's session, or of the browser's; undefined without a session. */
const whoIsThis = async (): Promise<User | undefined> => {
  try {
    return await new DchatIdentity(http()).me()
  } catch (problem) {
    if (problem instanceof DchatProblem && problem.status === 401) return undefined
    throw problem
  }
}

const resume = async (back?: LinkedInReturn, notice?: string): Promise<void> => {
  const isOwn = windowIdentity.token !== undefined
  if (!isOwn && windowIdentity.apart) return showSignIn(undefined, back?.error)
  try {
    const user = await whoIsThis()
    if (user !== undefined) return open(user, back, notice)
    windowIdentity.token = undefined
    showSignIn(isOwn ? "Your session has ended. Sign in again." : undefined, back?.error)
  } catch {
    app.replaceChildren(
      h("p", { class: "welcome lead", role: "status" }, "The server cannot be reached. Trying again…")
    )
    setTimeout(() => void resume(back, notice), 2000)
  }
}

const restart = (notice: string): void => void resume(undefined, notice)

/** The session of the browser stays. This window ignores the session until the window signs in again. */
const useAnotherAccount = (): void => {
  windowIdentity.apart = true
  history.replaceState(null, "", location.pathname)
  showSignIn("The other windows of this browser stay signed in.")
}

/** Another window of the browser may have taken the session on, or is about to: then this one goes on as well. */
const signedOut = (me: User, note: string | undefined): void => {
  const wasShared = windowIdentity.token === undefined
  windowIdentity.token = undefined
  history.replaceState(null, "", location.pathname)
  showSignIn(note)
  if (!wasShared) return
  const shown = app.firstChild
  const uncancel = async () => {
    if (app.firstChild !== shown) return windows.removeEventListener("message", uncancel)
    const user = await whoIsThis().catch(() => undefined)
    if (user?.id === me.id && app.firstChild === shown) open(user)
  }
  windows.addEventListener("message", uncancel)
  void uncancel()
}

// A page that comes back from the browser's cache has left its call and lost its socket: it starts over.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload()
})

const back = takeReturn()
if (back.trip?.mode === "login" && back.error === undefined) windowIdentity.apart = false
// Linking has given this session another token, which the window has had since it left.
if (back.error === undefined && back.trip?.nextToken !== undefined) windowIdentity.token = back.trip.nextToken
await resume(back)
