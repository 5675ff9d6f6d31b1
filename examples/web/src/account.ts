/** The account of a user: the known state, the actions, and the handling of refusals. */
import { moment } from "./call-words.ts"
import { type DchatHttp, DchatProblem } from "./dchat-http.ts"
import { type Activity, DchatIdentity, type Session, type User } from "./dchat-identity.ts"
import { refusalWords } from "./identity-words.ts"
import { type Intent, type Section, sectionOf } from "./intent.ts"
import { goToLinkedIn, type LinkedInReturn, returnWords } from "./linkedin-trip.ts"
import { signerFor, signerToLink } from "./signers.ts"
import { windowIdentity } from "./window-identity.ts"

export interface Refusal {
  readonly section: Section
  readonly code: string
  readonly words: string
}

/** The actions that the account requests from the page. */
export interface AccountEvents {
  readonly changed: () => void
  readonly done: (words: string) => void
  /** Asks for a proof of this user, and then repeats the intent. */
  readonly proofNeeded: (intent: Intent) => void
  /** The proof has been given at LinkedIn: asks whether to go on. */
  readonly proved: (intent: Intent) => void
  /** The credential to link belongs to another user. */
  readonly mergeOffered: (ticket: string) => void
  /** While it is on, the end of this session is nothing to wonder about. */
  readonly expectingEnd: (isOn: boolean) => void
  readonly merged: () => void
  readonly signedOut: (words?: string) => void
}

/** After these there is nothing here to read again. */
const leaving: ReadonlySet<Intent["type"]> = new Set(["link-linkedin", "reauthorize-linkedin", "delete-account"])

export class Account {
  user: User
  sessions: ReadonlyArray<Session> = []
  activity: ReadonlyArray<Activity> = []
  moreActivity: string | undefined
  refusal: Refusal | undefined
  /** The action in progress. */
  busy: Intent | undefined
  readonly #http: DchatHttp
  readonly #identity: DchatIdentity
  readonly #events: AccountEvents
  #isOpen = false
  #reloads = 0

  constructor(http: DchatHttp, user: User, events: AccountEvents) {
    this.#http = http
    this.#identity = new DchatIdentity(http)
    this.user = user
    this.#events = events
  }

  /** While its screen is open, it keeps the lists up to date as well. */
  set isOpen(isOpen: boolean) {
    if (isOpen === this.#isOpen) return
    this.#isOpen = isOpen
    this.refusal = undefined
    if (isOpen) void this.reload()
  }

  async reload(): Promise<void> {
    const mine = ++this.#reloads
    await this.#guard("profile", async () => {
      const [user, sessions, activity] = await Promise.all([
        this.#identity.me(),
        this.#isOpen ? this.#identity.sessions() : this.sessions,
        this.#isOpen ? this.#identity.activity() : undefined
      ])
      if (mine !== this.#reloads) return
      this.user = user
      this.sessions = sessions
      if (activity === undefined) return
      this.activity = activity.items
      this.moreActivity = activity.nextCursor
    })
  }

  async showMore(): Promise<void> {
    await this.#guard("activity", async () => {
      const { items, nextCursor } = await this.#identity.activity(this.moreActivity)
      const oldest = this.activity.at(-1)?.seq ?? Infinity
      this.activity = [...this.activity, ...items.filter(({ seq }) => seq < oldest)]
      this.moreActivity = nextCursor
    })
  }

  /** Does it; or asks for a proof or a merge first; or says why not. */
  async perform(intent: Intent): Promise<void> {
    if (this.busy !== undefined) return
    this.busy = intent
    this.refusal = undefined
    this.#events.changed()
    try {
      const words = await this.#carryOut(intent)
      if (words !== undefined) this.#events.done(words)
      if (!leaving.has(intent.type)) await this.reload()
    } catch (problem) {
      const { code, ticket } = problem instanceof DchatProblem ? problem : { code: "", ticket: undefined }
      if (code === "reauth_required") this.#events.proofNeeded(intent)
      else if (ticket !== undefined) this.#events.mergeOffered(ticket)
      else this.#refused(sectionOf(intent), problem)
    } finally {
      this.busy = undefined
      this.#events.changed()
    }
  }

  /** By one of the wallets, here and now. */
  async proveByWallet(): Promise<void> {
    this.user = await this.#identity.proveAgain(await signerFor(this.user.wallets))
  }
  /** At LinkedIn; the intent waits until the window is back. */
  async proveAtLinkedIn(intent: Intent): Promise<void> {
    await goToLinkedIn(this.#http, { mode: "reauth", intent, provedAt: await this.#identity.provedAt() })
  }

  async merge(ticket: string): Promise<void> {
    await this.#ending(() => this.#identity.merge(ticket))
    this.#events.merged()
  }

  /** The window is back from LinkedIn. */
  async cameBack({ error, trip }: LinkedInReturn): Promise<void> {
    const intent = trip?.intent
    if (error === "reauth_required") this.#events.proofNeeded(intent ?? { type: "link-linkedin" })
    else if (error === "owned_by_other") {
      await this.#guard("linkedin", async () => this.#events.mergeOffered(await this.#identity.mergeTicket()))
    } else if (error !== undefined) this.#refuse({ section: "linkedin", code: error, words: returnWords(error) })
    else if (intent?.type === "sync-linkedin") await this.perform(intent)
    else if (trip?.mode === "reauth" && intent !== undefined) {
      // A user who turned back on the way has proved nothing.
      await this.#guard("linkedin", async () => {
        if (await this.#identity.provedAt() !== trip.provedAt) this.#events.proved(intent)
      })
    } else if (trip?.mode === "link" && this.user.linkedin !== undefined) this.#events.done("LinkedIn is linked.")
  }

  async signOut(): Promise<void> {
    await this.#ending(() => this.#identity.signOut()).catch(() => {})
    this.#events.signedOut()
  }

  /** Returns a notice for the user if the effect is not visible. */
  async #carryOut(intent: Intent): Promise<string | undefined> {
    switch (intent.type) {
      case "save-profile":
        this.user = await this.#identity.edit(intent.fields)
        return "Saved."
      case "link-linkedin":
        return void await goToLinkedIn(this.#http, { mode: "link", intent })
      case "sync-linkedin":
        this.user = await this.#identity.readLinkedIn()
        return `Updated from LinkedIn at ${moment(this.user.linkedin?.lastSyncAt ?? new Date().toISOString())}.`
      case "reauthorize-linkedin":
        return void await goToLinkedIn(this.#http, { mode: "reauth", intent: { type: "sync-linkedin" } })
      case "unlink-linkedin":
        this.user = await this.#identity.unlinkLinkedIn()
        return "LinkedIn is unlinked."
      case "link-wallet":
        this.user = await this.#identity.linkWallet(await signerToLink(intent.from))
        return "The wallet is linked."
      case "make-primary":
        this.user = await this.#identity.makePrimary(intent.walletId)
        return undefined
      case "unlink-wallet":
        this.user = await this.#identity.unlinkWallet(intent.walletId)
        return "The wallet is unlinked."
      case "end-session":
        return void await this.#identity.endSession(intent.sessionId)
      case "end-other-sessions": {
        const { ended } = await this.#identity.endOtherSessions()
        return ended === 1 ? "One other session has ended." : `${ended} other sessions have ended.`
      }
      case "delete-account":
        await this.#ending(() => this.#identity.delete())
        windowIdentity.forgetKeys()
        return void this.#events.signedOut("Your account is deleted.")
    }
  }

  async #ending(what: () => Promise<unknown>): Promise<void> {
    this.#events.expectingEnd(true)
    try {
      await what()
    } catch (problem) {
      this.#events.expectingEnd(false)
      throw problem
    }
  }

  async #guard(section: Section, what: () => Promise<void>): Promise<void> {
    try {
      await what()
    } catch (problem) {
      this.#refused(section, problem)
    }
    this.#events.changed()
  }

  #refused(section: Section, problem: unknown): void {
    const code = problem instanceof DchatProblem ? problem.code : "unknown"
    if (code === "unauthenticated") this.#events.signedOut("Your session has ended. Sign in again.")
    else this.#refuse({ section, code, words: refusalWords(problem) })
  }

  #refuse(refusal: Refusal): void {
    this.refusal = refusal
    this.#events.changed()
  }
}
