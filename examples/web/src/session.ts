/** The page of a person who is signed in: the views, and what connects them to the calls. */
import { problemWords } from "./call-words.ts"
import { Calls } from "./calls.ts"
import { type CallType, DchatClient, type Me } from "./dchat-client.ts"
import { type Inbound } from "./peer-links.ts"
import { People } from "./people.ts"
import { RingTone } from "./ring-tone.ts"
import { callView, standing } from "./view/call.ts"
import { h } from "./view/dom.ts"
import { endedView } from "./view/ended.ts"
import { headerView } from "./view/header.ts"
import { historyView } from "./view/history.ts"
import { incomingView } from "./view/incoming.ts"
import { bannerView, noticesView } from "./view/notices.ts"
import { peopleView } from "./view/people.ts"

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
  readonly token: string | undefined
  readonly me: Me
  readonly address: string | undefined
  readonly throwAway: boolean
  readonly signedOut: (note?: string) => void
}

export const openSession = (app: HTMLElement, options: SessionOptions): void => {
  const { address, device, me, signedOut, throwAway, token } = options
  const client: DchatClient = new DchatClient({
    base: location.origin,
    device,
    token,
    status: (status) => {
      if (status === "signed-out") return close("Your session has ended. Please sign in again.")
      banner.update(status === "up", calls.current !== undefined)
    },
    welcome: () => {
      calls.welcomed()
      history.reload()
    },
    event: (envelope) => calls.apply(envelope),
    snapshot: (snapshot) => calls.snapshot(snapshot)
  })
  const people = new People(client)
  const calls = new Calls(client, me.id)
  const ringTone = new RingTone()
  const call = (type: CallType, ids: ReadonlyArray<string>) => {
    if (!calls.starting && calls.current === undefined) void calls.start(type, ids)
  }
  const rename = (displayName: string): Promise<boolean> =>
    client.request<Me>("PATCH", "/auth/me", { displayName }).then(() => true, (problem: unknown) => {
      notices.show(problemWords(problem))
      return false
    })
  const signOut = () => {
    calls.hangUp().then(() => client.request("POST", "/auth/logout")).catch(() => {}).finally(() => close())
  }

  const notices = noticesView()
  const banner = bannerView()
  const ended = endedView({ me: me.id, people, call, dismiss: () => calls.dismissEnded() })
  const finder = peopleView({ me: me.id, people, call })
  const history = historyView({ me: me.id, client, people, call })
  const inCall = callView({ calls, me: me.id, people })
  const incoming = incomingView({
    me: me.id,
    people,
    accept: (session, type) => void calls.accept(session, type),
    decline: (session) => void calls.decline(session)
  })
  const elsewhere = h("p", { class: "card note", hidden: true }, "You are in a call in another window.")
  const asking = h(
    "p",
    { class: "card note", hidden: true, role: "status" },
    "Waiting for your devices and the server…"
  )

  const home = h(
    "div",
    { class: "home" },
    headerView({ id: me.id, name: me.displayName, address, throwAway, rename, signOut }),
    h("main", {}, asking, elsewhere, ended.element, h("div", { class: "columns" }, finder.element, history.element))
  )
  app.replaceChildren(banner.element, home, inCall.element, incoming.element, notices.element)

  const update = () => {
    const { current } = calls
    home.inert = current !== undefined || calls.incoming !== undefined
    elsewhere.hidden = calls.elsewhere === undefined
    asking.hidden = !calls.starting || current !== undefined
    ended.update(current === undefined ? calls.ended : undefined)
    history.update()
    inCall.update(current)
    incoming.update(calls.incoming, calls.starting, current !== undefined)
    const rings = current !== undefined && ["initiated", "ringing"].includes(standing(current, me.id))
    ringTone.play(calls.incoming !== undefined && current === undefined ? "incoming" : rings ? "outgoing" : undefined)
    document.title = calls.incoming === undefined
      ? "dchat"
      : `${people.name(calls.incoming.call.initiatorId)} is calling`
  }
  calls.onChange = update
  calls.onNotice = notices.show
  calls.onEnded = () => setTimeout(history.reload, 400)
  people.onChange = update

  const leave = () => calls.leaveAtOnce()
  const online = () => client.connect()
  const close = (note?: string) => {
    removeEventListener("pagehide", leave)
    removeEventListener("online", online)
    void calls.hangUp()
    ringTone.play(undefined)
    finder.stop()
    if (note === undefined) client.disconnect()
    delete window.dchat
    signedOut(note)
  }
  addEventListener("pagehide", leave)
  addEventListener("online", online)
  window.dchat = {
    userId: me.id,
    get call() {
      return calls.current?.call
    },
    stats: async () => await calls.current?.links.stats() ?? {}
  }
  update()
  client.connect()
}
