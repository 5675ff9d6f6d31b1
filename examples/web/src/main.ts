/** The page's beginning: signs in, or goes on with the session of this window. */
import { DchatClient, DchatProblem, type Me, type Signer } from "./dchat-client.ts"
import { openSession } from "./session.ts"
import { h } from "./view/dom.ts"
import { signInView } from "./view/sign-in.ts"
import { claimDevice, windowIdentity } from "./window-identity.ts"

const app = document.querySelector<HTMLElement>("#app") ?? document.body

const open = (device: string, me: Me): void =>
  openSession(app, {
    device,
    me,
    token: windowIdentity.token,
    address: windowIdentity.address,
    throwAway: windowIdentity.secret !== undefined,
    signedOut: (note) => {
      windowIdentity.token = undefined
      showSignIn(device, note)
    }
  })

const showSignIn = (device: string, note?: string): void => {
  const client = new DchatClient({ base: location.origin, device })
  const enter = async (signer: Signer) => {
    const me = await client.signIn(signer)
    windowIdentity.token = client.token
    windowIdentity.address = signer.address
    open(device, me)
  }
  app.replaceChildren(signInView(enter, note))
}

const resume = async (device: string, token: string): Promise<void> => {
  const client = new DchatClient({ base: location.origin, device, token })
  try {
    open(device, (await client.request<{ user: Me }>("GET", "/auth/me")).user)
  } catch (problem) {
    if (problem instanceof DchatProblem && problem.status === 401) {
      windowIdentity.token = undefined
      return showSignIn(device, "Your session has ended. Please sign in again.")
    }
    app.replaceChildren(
      h("p", { class: "welcome lead", role: "status" }, "The server cannot be reached. Trying again…")
    )
    setTimeout(() => void resume(device, token), 2000)
  }
}

// A page that comes back from the browser's cache has left its call and lost its socket: it starts over.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload()
})

const device = await claimDevice()
const { token } = windowIdentity
await (token === undefined ? showSignIn(device) : resume(device, token))
