/** The calls of this window: starting, answering and leaving them, and keeping them in step with the server. */
import { evolve, isActive, isOver, isPending, participant } from "./call-state.ts"
import { problemWords } from "./call-words.ts"
import {
  type Call,
  type CallType,
  type DchatClient,
  type Envelope,
  type Signal,
  type Snapshot
} from "./dchat-client.ts"
import { LocalMedia } from "./local-media.ts"
import { PeerLinks, readIceServers, signalOf } from "./peer-links.ts"

/** A call that this window knows of. With `links` it takes part, without them it rings or another window has it. */
export interface Session {
  call: Call
  /** Offers and candidates that came while it rang. */
  signals: Array<Signal>
  media?: LocalMedia
  links?: PeerLinks
  /** When it was answered, by the clock of this window. */
  since?: number
  alerted: boolean
}
export type TakingPart = Session & Required<Pick<Session, "media" | "links">>
export interface Ended {
  readonly call: Call
  readonly reason: string
  readonly seconds: number
}

export class Calls {
  /** Told whenever something that is shown has changed. */
  onChange: () => void = () => {}
  /** Told in plain words when something did not work. */
  onNotice: (words: string) => void = () => {}
  /** Called when a call is over for this user. */
  onEnded: () => void = () => {}
  /** While the devices are being asked for or the server has not answered yet. */
  starting = false
  ended: Ended | undefined
  readonly #client: DchatClient
  readonly #me: string
  readonly #sessions = new Map<string, Session>()
  /** Calls that are over for this user. Their late events are ignored. */
  readonly #over = new Set<string>()

  constructor(client: DchatClient, me: string) {
    this.#client = client
    this.#me = me
  }

  /** The call in which this window takes part. */
  get current(): TakingPart | undefined {
    for (const session of this.#sessions.values()) if (takesPart(session)) return session
    return undefined
  }
  /** The call that rings here. */
  get incoming(): Session | undefined {
    return this.#find((session) => !takesPart(session) && isPending(participant(session.call, this.#me)))
  }
  /** A call of this user in another window or on another device. */
  get elsewhere(): Session | undefined {
    return this.#find((session) => {
      const mine = participant(session.call, this.#me)
      return !takesPart(session) && isActive(mine) && mine?.device !== this.#client.device
    })
  }

  /** Requests the devices first: no phone rings before this user can be heard. */
  async start(type: CallType, participants: ReadonlyArray<string>): Promise<void> {
    await this.#attempt(async () => {
      const media = await LocalMedia.open(type)
      try {
        const iceServers = await this.#iceServers()
        const asked = { callType: type, participants, idempotencyKey: crypto.randomUUID() }
        const call = await this.#client.command("call.initiate", asked)
        const session = this.#put(call)
        if (!isOver(session.call)) this.#enter(session, media, iceServers)
        else media.stop()
        this.#hear(session)
        this.#tellMedia(session)
        this.#settle(session, call.endReason)
      } catch (problem) {
        media.stop()
        throw problem
      }
    })
  }

  async accept(session: Session, type: CallType): Promise<void> {
    await this.#attempt(async () => {
      const media = await LocalMedia.open(type)
      try {
        const iceServers = await this.#iceServers()
        if (this.#sessions.get(session.call.id) !== session) return media.stop()
        if (this.current !== undefined) await this.hangUp()
        this.#enter(session, media, iceServers)
        this.#put(await this.#client.command("call.accept", { callId: session.call.id }))
        session.links?.sync(session.call)
        this.#hear(session)
        this.#tellMedia(session)
      } catch (problem) {
        media.stop()
        session.links?.close()
        delete session.links
        delete session.media
        throw problem
      }
    })
  }

  async decline(session: Session): Promise<void> {
    this.#forget(session)
    this.onChange()
    await this.#command("call.decline", session, { reason: "declined" })
  }

  async hangUp(forEveryone = false): Promise<void> {
    const session = this.current
    if (session === undefined) return
    this.#close(session, session.call.state === "connected" ? "hangup" : "cancelled")
    await this.#command("call.end", session, forEveryone ? { forEveryone } : {})
  }

  async invite(userId: string): Promise<void> {
    const session = this.current
    if (session !== undefined) await this.#command("call.invite", session, { userId })
  }

  async change(what: (media: LocalMedia) => void | Promise<void>): Promise<void> {
    const session = this.current
    if (session === undefined) return
    try {
      await what(session.media)
    } catch (problem) {
      this.onNotice(problemWords(problem))
    }
  }

  /** The page is going away: says so with a request that outlives it. */
  leaveAtOnce(): void {
    const session = this.current
    if (session === undefined) return
    this.#client.request("POST", `/api/webrtc/call/${session.call.id}/end`, {}, { keepalive: true }).catch(() => {})
  }

  dismissEnded(): void {
    this.ended = undefined
    this.onChange()
  }

  /** The socket is there again: the server may have missed how the connections are. */
  welcomed(): void {
    this.current?.links.report()
  }

  snapshot({ call, inbox }: Snapshot): void {
    const known = this.#sessions.get(call.id)
    const mine = participant(call, this.#me)
    if (isOver(call) || (!isActive(mine) && !isPending(mine))) {
      if (known !== undefined) this.#settle(this.#put(call), call.endReason)
      return
    }
    const leftHere = this.#over.delete(call.id) && isActive(mine) && mine?.device === this.#client.device
    const session = this.#put(call)
    session.signals.push(...inbox)
    session.links?.sync(call)
    this.#hear(session)
    // The end of it did not get through to the server.
    if (leftHere) this.#forget(session, "call.end")
    else if (known === undefined && !this.starting && mine?.device === this.#client.device && isActive(mine)) {
      this.#comeBack(session)
    }
    this.#settle(session)
  }

  apply(envelope: Envelope): void {
    const { callId, event } = envelope
    const known = this.#sessions.get(callId)
    if (known === undefined && this.#over.has(callId)) return
    const call = evolve(known?.call, envelope)
    if (call === undefined) return this.#client.read(callId)
    const session = this.#put(call)
    const signal = signalOf(event)
    if (signal !== undefined && session.links === undefined) session.signals.push(signal)
    else session.links?.apply(envelope)
    if (event.type === "AnsweredElsewhere") this.onNotice("You answered in another window.")
    const mine = event.type === "CallEnded" || (event.type === "Left" && event.userId === this.#me)
    this.#settle(session, mine ? event.reason : undefined)
  }

  #find(test: (session: Session) => boolean): Session | undefined {
    return [...this.#sessions.values()].find(test)
  }

  /** Keeps the newer of what is known and what came. */
  #put(call: Call): Session {
    const session = this.#sessions.get(call.id) ?? { call, signals: [], alerted: false }
    if (call.seq >= session.call.seq) session.call = call
    if (session.call.state === "connected") session.since ??= Date.now()
    this.#sessions.set(call.id, session)
    return session
  }

  #enter(session: Session, media: LocalMedia, iceServers: ReadonlyArray<RTCIceServer>): void {
    this.ended = undefined
    session.media = media
    const onChange = () => this.onChange()
    session.links = new PeerLinks(
      { me: this.#me, call: session.call, client: this.#client, media, onChange },
      iceServers
    )
    media.onChange = () => {
      session.links?.sendMedia()
      this.#tellMedia(session)
      this.onChange()
    }
    if (media.shortfall !== undefined) this.onNotice(`${media.shortfall} You are in the call without video.`)
    this.onChange()
  }

  /** Takes in what came before there was a connection to take it. */
  #hear(session: Session): void {
    if (session.links === undefined || !isActive(participant(session.call, this.#me))) return
    for (const signal of session.signals.splice(0)) session.links.signal(signal)
  }

  #tellMedia(session: Session): void {
    if (session.media === undefined) return
    this.#client.command("call.media", { callId: session.call.id, ...session.media.state }).catch(() => {})
  }

  /** After every change: rings, goes on, or ends it here. */
  #settle(session: Session, reason?: string): void {
    const mine = participant(session.call, this.#me)
    if (isOver(session.call) || (!isActive(mine) && !isPending(mine))) this.#close(session, reason)
    else if (isPending(mine) && !session.alerted) {
      session.alerted = true
      this.#client.command("call.alert", { callId: session.call.id }).catch(() => {})
    }
    this.onChange()
  }

  /** This page was loaded again in the middle of a call: takes part again, with new connections. */
  #comeBack(session: Session): void {
    this.#attempt(async () => {
      const media = await LocalMedia.open("audio")
      session.signals = []
      this.#enter(session, media, await this.#iceServers())
      session.links?.startAfresh()
      this.#tellMedia(session)
    }).then(() => session.links === undefined ? this.#forget(session, "call.end") : undefined).catch(() => {})
  }

  #close(session: Session, reason: string | undefined): void {
    if (!this.#sessions.has(session.call.id)) return
    const seconds = session.since === undefined ? 0 : (Date.now() - session.since) / 1000
    const declined = reason === "declined" && session.call.initiatorId !== this.#me
    const known = takesPart(session) || session.alerted || session.call.initiatorId === this.#me
    if (reason !== undefined && known && !declined) this.ended = { call: session.call, reason, seconds }
    this.#forget(session)
    this.onChange()
    this.onEnded()
  }

  #forget(session: Session, command?: string): void {
    this.#sessions.delete(session.call.id)
    this.#over.add(session.call.id)
    session.links?.close()
    session.media?.stop()
    if (command !== undefined) this.#client.command(command, { callId: session.call.id }).catch(() => {})
  }

  async #command(type: string, session: Session, fields: object = {}): Promise<void> {
    await this.#client.command(type, { callId: session.call.id, ...fields })
      .catch((problem: unknown) => this.onNotice(problemWords(problem)))
  }

  async #attempt(what: () => Promise<void>): Promise<void> {
    this.starting = true
    this.onChange()
    try {
      await what()
    } catch (problem) {
      this.onNotice(problemWords(problem))
    } finally {
      this.starting = false
      this.onChange()
    }
  }

  async #iceServers(): Promise<ReadonlyArray<RTCIceServer>> {
    return readIceServers(this.#client).catch(() => [])
  }
}

const takesPart = (session: Session): session is TakingPart => session.links !== undefined
