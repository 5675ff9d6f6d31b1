/** The page of a signed-in user: the views, and their connections to the calls and to the account. */
import { Account } from "./account.ts"
import { Calls } from "./calls.ts"
import { type CallType, DchatClient } from "./dchat-client.ts"
import { type User } from "./dchat-identity.ts"
import { type LinkedInReturn } from "./linkedin-trip.ts"
import { type Inbound } from "./peer-links.ts"
import { RingTone } from "./ring-tone.ts"
import { Subscription, takeCheckoutReturn } from "./subscription.ts"
import { Users } from "./users.ts"
import { askForProof, askToDelete, askToGoOn, askToMerge } from "./view/account/questions.ts"
import { accountHash, accountView } from "./view/account/screen.ts"
import { callView, progressOf } from "./view/call.ts"
import { dialogsView } from "./view/dialogs.ts"
import { h } from "./view/dom.ts"
import { endedView } from "./view/ended.ts"
import { headerView } from "./view/header.ts"
import { historyView } from "./view/history.ts"
import { incomingView } from "./view/incoming.ts"
import { bannerView, noticesView } from "./view/notices.ts"
import { planHash, planView } from "./view/plan/screen.ts"
import { usersView } from "./view/users.ts"
import { WalletPayments } from "./wallet/wallet-payments.ts"
import { windowIdentity } from "./window-identity.ts"

declare global {
  interface Window {
    /** For tests, and for the curious in the console. */
    dchat?: {
      readonly userId: string
      readonly call: unknown
      readonly stats: () => Promise<Record<string, Inbound>>
    }
  }
}

export interface SessionOptions {
  readonly device: string
  readonly me: User
  readonly back: LinkedInReturn | undefined
  /** A notice to show at the start. */
  readonly notice: string | undefined
  readonly signedOut: (note?: string) => void
  /** The session was replaced by another one of the same user. */
  readonly restart: (notice: string) => void
  readonly useAnotherAccount: () => void
}

const ownHint = "To try a call alone, open this page in a second window and search for its address."
const sharedHint =
  "To try a call alone, open this page in a second window and choose “Use another account in this window” in its account."

export const openSession = (app: HTMLElement, options: SessionOptions): void => {
  const { back, device, me } = options
  const client: DchatClient = new DchatClient({
    base: location.origin,
    device,
    token: windowIdentity.token,
    tokenChanged: (token) => windowIdentity.token = token,
    status: (status) => {
      if (status === "signed-out") return signedOut("Your session has ended. Sign in again.")
      banner.update(status === "up", calls.current !== undefined)
    },
    welcome: () => {
      calls.welcomed()
      history.reload()
      // The server announces no changes from before the connection, so the page reads both again.
      void account.reload()
      void subscription.reload()
    },
    event: (envelope) => calls.apply(envelope),
    snapshot: (snapshot) => calls.snapshot(snapshot),
    identityChanged: () => void account.reload(),
    subscriptionChanged: () => void subscription.reload()
  })
  const users = new Users(client)
  const calls = new Calls(client, me.id)
  const ringTone = new RingTone()
  const account: Account = new Account(client, me, {
    changed: () => update(),
    done: (words) => notices.show(words),
    proofNeeded: (intent) => askForProof(dialogs, account, intent),
    proved: (intent) => askToGoOn(dialogs, account, intent),
    mergeOffered: (ticket) => askToMerge(dialogs, account, ticket),
    expectingEnd: (isOn) => isOn ? client.disconnect() : client.connect(),
    merged: () => {
      stop()
      options.restart("The two accounts are merged.")
    },
    signedOut: (words) => signedOut(words)
  })
  const subscription: Subscription = new Subscription(client, {
    changed: () => {
      payments.observe()
      update()
    },
    done: (words) => notices.show(words),
    signedOut: (words) => signedOut(words)
  })
  const payments: WalletPayments = new WalletPayments(client, {
    payments: () => subscription.history?.payments ?? [],
    reload: () => subscription.reload(),
    changed: () => update(),
    done: (words) => notices.show(words),
    wallets: () => {
      const primaryFirst = account.user.wallets.toSorted((one, other) =>
        Number(other.isPrimary) - Number(one.isPrimary)
      )
      return primaryFirst.map(({ address }) => address)
    }
  })
  const call = (type: CallType, ids: ReadonlyArray<string>) => {
    if (!calls.starting && calls.current === undefined) void calls.start(type, ids)
  }
  const rename = async (displayName: string): Promise<boolean> => {
    await account.perform({ type: "save-profile", fields: { displayName } })
    if (account.refusal !== undefined) notices.show(account.refusal.words)
    return account.refusal === undefined
  }
  const signOut = () => void calls.hangUp().then(() => account.signOut())
  const useAnotherAccount = () => {
    stop()
    client.disconnect()
    options.useAnotherAccount()
  }

  const notices = noticesView()
  const banner = bannerView()
  const dialogs = dialogsView(() => update())
  const header = headerView({ rename, signOut })
  const lastCall = endedView({ me: me.id, users, call, dismiss: () => calls.dismissEnded() })
  const finder = usersView({
    me: me.id,
    users,
    call,
    hint: windowIdentity.token === undefined ? sharedHint : ownHint
  })
  const history = historyView({ me: me.id, client, users, call })
  const inCall = callView({ calls, me: me.id, users })
  const incoming = incomingView({
    me: me.id,
    users,
    accept: (session, type) => void calls.accept(session, type),
    decline: (session) => void calls.decline(session)
  })
  const screen = accountView(account, {
    account,
    signOut,
    useAnotherAccount,
    isShared: windowIdentity.token === undefined,
    askToDelete: () => askToDelete(dialogs, account)
  })
  const plan = planView(subscription, payments, dialogs)
  const elsewhere = h("p", { class: "card note", hidden: true }, "You are in a call in another window.")
  const asking = h(
    "p",
    { class: "card note", hidden: true, role: "status" },
    "Starting camera and microphone…"
  )
  const failure = h("p", { class: "card note problem", hidden: true, role: "alert", "data-testid": "return-problem" })
  const columns = h("div", { class: "columns" }, finder.element, history.element)
  const start = h("main", {}, failure, asking, elsewhere, lastCall.element, columns)
  const home = h("div", { class: "home" }, header.element, start, screen.element, plan.element)
  app.replaceChildren(banner.element, home, dialogs.element, inCall.element, incoming.element, notices.element)

  const update = () => {
    const { current } = calls
    const isCalled = current !== undefined || calls.incoming !== undefined
    home.inert = isCalled || dialogs.isOpen
    dialogs.element.inert = isCalled
    elsewhere.hidden = calls.elsewhere === undefined
    asking.hidden = !calls.starting || current !== undefined
    header.update(account.user)
    if (!screen.element.hidden) screen.update()
    if (!plan.element.hidden) plan.update()
    lastCall.update(current === undefined ? calls.ended : undefined)
    history.update()
    inCall.update(current)
    incoming.update(calls.incoming, calls.starting, current !== undefined)
    const rings = current !== undefined && ["initiated", "ringing"].includes(progressOf(current, me.id))
    ringTone.play(calls.incoming !== undefined && current === undefined ? "incoming" : rings ? "outgoing" : undefined)
    document.title = calls.incoming === undefined
      ? "dchat"
      : `${users.name(calls.incoming.call.initiatorId)} is calling`
  }
  calls.onChange = update
  calls.onNotice = notices.show
  calls.onEnded = () => setTimeout(history.reload, 400)
  users.onChange = update

  const navigate = () => {
    const isOpen = location.hash === accountHash
    const isPlan = location.hash === planHash
    screen.element.hidden = !isOpen
    plan.element.hidden = !isPlan
    start.hidden = isOpen || isPlan
    account.isOpen = isOpen
    subscription.isOpen = isPlan
    if (isPlan) void payments.loadChains()
    dialogs.close()
    update()
    if (isOpen) screen.element.querySelector("h1")?.focus()
    if (isPlan) plan.element.querySelector("h1")?.focus()
  }
  const leave = () => calls.leaveAtOnce()
  const online = () => client.connect()
  let stopped = false
  const stop = () => {
    stopped = true
    removeEventListener("pagehide", leave)
    removeEventListener("online", online)
    removeEventListener("hashchange", navigate)
    void calls.hangUp()
    ringTone.play(undefined)
    finder.stop()
    delete window.dchat
  }
  const signedOut = (note?: string) => {
    if (stopped) return
    stop()
    client.disconnect()
    options.signedOut(note)
  }
  addEventListener("pagehide", leave)
  addEventListener("online", online)
  addEventListener("hashchange", navigate)
  window.dchat = {
    userId: me.id,
    get call() {
      return calls.current?.call
    },
    stats: async () => await calls.current?.links.stats() ?? {}
  }
  const checkout = takeCheckoutReturn()
  navigate()
  client.connect()
  if (checkout !== undefined) void subscription.cameBack(checkout)
  if (options.notice !== undefined) notices.show(options.notice)
  if (back !== undefined) {
    void account.cameBack(back).then(() => {
      if (account.refusal === undefined || start.hidden) return failure.remove()
      failure.textContent = account.refusal.words
      failure.dataset["code"] = account.refusal.code
      failure.hidden = false
    })
  }
}
