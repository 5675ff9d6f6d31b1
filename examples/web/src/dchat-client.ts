/** Speaks to a dchat host in real time: the socket with its tickets, reconnects and cursors. Copy it with dchat-http.ts. */
import { DchatHttp, type DchatHttpOptions, DchatProblem } from "./dchat-http.ts"

export type CallType = "audio" | "video" | "screen"
export type Media = { audio?: boolean; video?: boolean; screen?: boolean; hold?: boolean }
export type Presence = "invited" | "ringing" | "joining" | "joined" | "reconnecting" | "left"
export type Participant = { userId: string; state: Presence; device?: string; media?: Media; joinedAt?: string }
export type Link = { a: string; b: string; state: string; signalling: string; negotiation: number; offerer: string }
export interface Call {
  id: string
  kind: "direct" | "group"
  type: CallType
  state: "initiated" | "ringing" | "connected" | "disconnected"
  initiatorId: string
  hostId?: string
  /** Set while a participant reports a recording. */
  recording?: ReadonlyArray<{ by: string; since: string }>
  participants: ReadonlyArray<Participant>
  links: ReadonlyArray<Link>
  seq: number
  initiatedAt: string
  answeredAt?: string
  endedAt?: string
  endReason?: string
  durationSeconds: number
}
export type Signal =
  & { from: string; negotiation: number }
  & (
    | { type: "offer" | "answer"; sdp: string }
    | { type: "candidates"; candidates: ReadonlyArray<RTCIceCandidateInit> }
  )
type OpenedLink = { with: string; offerer: string }
type SignalEvent = { from: string; to: string; negotiation: number }
export type CallEvent =
  | { type: "CallInitiated"; initiatorId: string; callType: CallType; kind: Call["kind"]; device?: string }
  | { type: "Invited"; userId: string; by: string; kind: Call["kind"] }
  | { type: "Accepted"; userId: string; device?: string; links?: ReadonlyArray<OpenedLink> }
  | { type: "Ringing" | "Reconnecting" | "AnsweredElsewhere" | "DeclinedElsewhere"; userId: string }
  | { type: "DeviceBound"; userId: string; device: string }
  | { type: "Resumed"; userId: string; fresh?: boolean }
  | { type: "MediaChanged"; userId: string; changes: Media }
  | { type: "Left"; userId: string; reason: string; by?: string }
  | { type: "CallEnded"; reason: string; by?: string }
  | { type: "CallEnding"; at: string }
  | { type: "LimitsRaised"; endsAt: string }
  | { type: "LinkUp" | "LinkDown" | "LinkFailed" | "NegotiationExpired"; a: string; b: string; negotiation: number }
  | { type: "GlareMerged" | "RecordingStarted" | "RecordingStopped"; by: string }
  | SignalEvent & { type: "Offer" | "Answer"; sdp?: string }
  | SignalEvent & { type: "Candidates"; candidates?: ReadonlyArray<RTCIceCandidateInit> }
export type Envelope = { callId: string; seq: number; after: number; at: string; event: CallEvent }
export type Snapshot = { callId: string; seq: number; call: Call; inbox: ReadonlyArray<Signal & { seq: number }> }
export type PublicUser = { id: string; displayName: string; wallet?: string; linkedin?: "verified"; online: boolean }
export type Page<A> = { items: ReadonlyArray<A>; nextCursor?: string }
export type PastCall = Omit<Call, "links" | "seq"> & { outcome: "answered" | "declined" | "missed" | "cancelled" }

interface Listeners {
  status: (status: "connecting" | "up" | "down" | "signed-out") => void
  welcome: (userId: string) => void
  event: (envelope: Envelope) => void
  snapshot: (snapshot: Snapshot) => void
  /** The user has changed, here or in another window. */
  identityChanged: () => void
  /** The purchases, payments or grants of this user have changed. */
  subscriptionChanged: () => void
}
/** A command that waits for its reply; it is sent again after a reconnect, which is safe: repeats change nothing. */
type Pending = { frame: string; resolve: (call: Call) => void; reject: (problem: DchatProblem) => void }
/** A call's stream: the last seq applied, whether the call is open, and the events held while a gap is filled. */
type Cursor = { last: number; open: boolean; held: Array<Envelope> | undefined }
type Incoming =
  | { type: "welcome"; userId: string; heartbeatSeconds: number; calls: ReadonlyArray<Call> }
  | { type: "reply"; id: string; ok: true; result: Call }
  | { type: "reply"; id: string; ok: false; problem: { code: string; title: string } }
  | Envelope & { type: "call.event" }
  | Snapshot & { type: "call.snapshot" }
  | { type: "session.revoked" | "identity.changed" | "subscription.changed" | "pong" | "other" }

const none: Listeners = {
  status() {},
  welcome() {},
  event() {},
  snapshot() {},
  identityChanged() {},
  subscriptionChanged() {}
}

export class DchatClient extends DchatHttp {
  readonly #listeners: Listeners
  readonly #pending = new Map<string, Pending>()
  readonly #cursors = new Map<string, Cursor>()
  #socket: WebSocket | undefined
  #userId = ""
  #up = false
  #wanted = false
  #attempt = 0
  #ids = 0
  #unheard = 0
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(options: DchatHttpOptions & Partial<Listeners>) {
    super(options)
    this.#listeners = { ...none, ...options }
  }

  /** Sends a command (`call.accept`, ...) over the socket and gives the call as the host answers it. */
  command(type: string, fields: object, timeoutSeconds = 15): Promise<Call> {
    const id = `${++this.#ids}`
    const frame = JSON.stringify({ type, id, ...fields })
    return new Promise<Call>((resolve, reject) => {
      this.#pending.set(id, { frame, resolve, reject })
      const late = new DchatProblem({ code: "timeout", title: "The server did not answer in time." })
      setTimeout(() => this.#pending.delete(id) && reject(late), timeoutSeconds * 1000)
      if (this.#up) this.#socket?.send(frame)
    })
  }

  /** Opens the socket and keeps it open: reconnects with jittered backoff and resumes open calls from their cursors. */
  connect(): void {
    this.#wanted = true
    this.#lost()
  }
  disconnect(status: "down" | "signed-out" = "down"): void {
    this.#wanted = false
    this.#lost()
    this.#listeners.status(status)
  }

  async #dial(): Promise<void> {
    this.#listeners.status("connecting")
    this.#listen(10)
    const { ticket } = await this.request<{ ticket: string }>("POST", "/api/realtime/ticket")
    if (!this.#wanted || this.#socket !== undefined) return
    const url = new URL("/api/realtime", this.base)
    url.protocol = url.protocol.replace("http", "ws")
    url.searchParams.set("ticket", ticket)
    const socket = this.#socket = new WebSocket(url, "dchat.v1")
    socket.addEventListener("open", () => {
      const open = [...this.#cursors].filter(([, cursor]) => cursor.open)
      const resume = Object.fromEntries(open.map(([id, cursor]) => [id, cursor.last]))
      socket.send(JSON.stringify({ type: "hello", device: this.device, capabilities: ["reportsMedia"], resume }))
    })
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data))
    })
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket && code === 4001) this.disconnect("signed-out")
      else if (socket === this.#socket) this.#lost()
    })
  }

  /** Pings at every beat, and gives up on a server that stays silent during two of them. */
  #listen(beatSeconds: number): void {
    clearInterval(this.#heartbeat)
    this.#unheard = 0
    this.#heartbeat = setInterval(() => {
      if (++this.#unheard > 2) this.#lost()
      else if (this.#up) this.#socket?.send(JSON.stringify({ type: "ping", id: `ping-${++this.#ids}` }))
    }, beatSeconds * 1000)
  }

  /** Lets go of the socket; while it is wanted, dials again: at once the first time, then ever later. */
  #lost(): void {
    clearInterval(this.#heartbeat)
    clearTimeout(this.#retry)
    const socket = this.#socket
    this.#socket = undefined
    this.#up = false
    socket?.close()
    if (!this.#wanted) return
    this.#listeners.status("down")
    const longest = this.#attempt++ === 0 ? 0 : Math.min(8000, 250 * 2 ** this.#attempt)
    this.#retry = setTimeout(() => {
      this.#dial().catch((problem: unknown) => {
        if (problem instanceof DchatProblem && problem.status === 401) this.disconnect("signed-out")
        else this.#lost()
      })
    }, longest * (0.5 + Math.random() / 2))
  }

  #receive(message: Incoming): void {
    this.#unheard = 0
    if (message.type === "welcome") this.#welcome(message)
    else if (message.type === "call.event") this.#apply(message)
    else if (message.type === "call.snapshot") this.#snapshot(message)
    else if (message.type === "identity.changed") this.#listeners.identityChanged()
    else if (message.type === "subscription.changed") this.#listeners.subscriptionChanged()
    else if (message.type === "session.revoked") this.disconnect("signed-out")
    else if (message.type === "reply") {
      const pending = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (message.ok) pending?.resolve(message.result)
      else pending?.reject(new DchatProblem(message.problem))
    }
  }

  #welcome(message: Incoming & { type: "welcome" }): void {
    this.#userId = message.userId
    this.#up = true
    this.#attempt = 0
    this.#listen(message.heartbeatSeconds)
    for (const { frame } of this.#pending.values()) this.#socket?.send(frame)
    this.#listeners.status("up")
    this.#listeners.welcome(message.userId)
    for (const { id } of message.calls) if (this.#cursors.get(id)?.open !== true) this.read(id)
  }

  /** Loads an unknown call, with the signals that wait for this user. */
  read(callId: string): void {
    this.#catchUp(callId, async (cursor) => {
      const path = `/api/webrtc/call/${callId}?after=${cursor.last}`
      const { inbox, ...call } = await this.request<Call & Pick<Snapshot, "inbox">>("GET", path)
      if (call.seq > cursor.last) this.#snapshot({ callId, seq: call.seq, call, inbox })
    })
  }

  #cursor(callId: string): Cursor {
    const cursor = this.#cursors.get(callId) ?? { last: 0, open: true, held: undefined }
    this.#cursors.set(callId, cursor)
    return cursor
  }

  /** Holds a call's events back until what is missing has been read. A failure reconnects, which resumes. */
  #catchUp(callId: string, read: (cursor: Cursor) => Promise<void>): void {
    const cursor = this.#cursor(callId)
    if (cursor.held !== undefined) return
    cursor.held = []
    read(cursor).then(() => {
      const held = cursor.held ?? []
      cursor.held = undefined
      for (const envelope of held) this.#apply(envelope)
    }, (problem: unknown) => {
      cursor.held = undefined
      if (problem instanceof DchatProblem && problem.status === 404) cursor.open = false
      else this.#lost()
    })
  }

  #apply(envelope: Envelope): void {
    const cursor = this.#cursor(envelope.callId)
    if (cursor.held !== undefined) cursor.held.push(envelope)
    else if (envelope.after > cursor.last) {
      this.#catchUp(envelope.callId, async () => {
        const path = `/api/webrtc/call/${envelope.callId}/events?after=${cursor.last}`
        for (const missed of (await this.request<Page<Envelope>>("GET", path)).items) this.#deliver(cursor, missed)
        this.#deliver(cursor, envelope)
      })
    } else this.#deliver(cursor, envelope)
  }

  #deliver(cursor: Cursor, envelope: Envelope): void {
    if (envelope.seq <= cursor.last) return
    const { event } = envelope
    cursor.last = envelope.seq
    cursor.open = event.type !== "CallEnded" && !(event.type === "Left" && event.userId === this.#userId)
    this.#listeners.event(envelope)
  }

  #snapshot(snapshot: Snapshot): void {
    const cursor = this.#cursor(snapshot.callId)
    const inbox = snapshot.inbox.filter(({ seq }) => seq > cursor.last)
    cursor.last = snapshot.seq
    cursor.open = snapshot.call.state !== "disconnected"
    this.#listeners.snapshot({ ...snapshot, inbox })
  }
}
