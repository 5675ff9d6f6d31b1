/** The connection to one user: offers, answers and candidates in the order of the server, and repairs. */
import { type Call, type Signal } from "./dchat-client.ts"
import { DchatProblem } from "./dchat-http.ts"
import { type LocalMedia, type Slot, slots } from "./local-media.ts"
import { PeerRepair } from "./peer-repair.ts"
import { PeerReport } from "./peer-report.ts"

type Description = Extract<Signal, { sdp: string }>
type Candidates = Extract<Signal, { type: "candidates" }>
export type Transport = "connecting" | "up" | "down"

/** The parts of the call that a link needs. */
export interface LinkSurroundings {
  readonly media: LocalMedia
  readonly send: (type: string, fields: object) => Promise<Call>
  readonly iceServers: () => Promise<ReadonlyArray<RTCIceServer>>
  /** The number of the last negotiation as the server counts it. */
  readonly negotiation: () => Promise<number>
  readonly onChange: () => void
}

/** Codes after which trying again makes no sense. */
const final = new Set(["call_over", "not_in_call", "wrong_device", "not_offerer", "not_found", "no_open_offer"])
const kinds: Record<Slot, "audio" | "video"> = { audio: "audio", camera: "video", screen: "video" }
/** A repair does not wait longer than this for new ICE servers, in milliseconds: requests may hang while it is needed. */
const iceServersWithin = 3000

export class PeerLink {
  readonly peer: string
  /** The media of the other user, once both sides have described their media. */
  readonly streams: Partial<Record<Slot, MediaStream>> = {}
  transport: Transport = "connecting"
  /** The number of the last negotiation that the server accepted. */
  negotiation: number
  readonly #offerer: boolean
  /** Signals up to this negotiation belong to an earlier connection. */
  readonly #floor: number
  readonly #around: LinkSurroundings
  readonly #pc: RTCPeerConnection
  readonly #transceivers: Partial<Record<Slot, RTCRtpTransceiver>> = {}
  #described = 0
  #wanted = false
  #closed = false
  #work: Promise<void> = Promise.resolve()
  #early: Array<Candidates> = []
  /** Own candidates wait here for a moment, and while an own description is on its way. */
  #outgoing: Array<RTCIceCandidateInit> = []
  #complete = false
  #holding = false
  #flush: ReturnType<typeof setTimeout> | undefined
  readonly #repair: PeerRepair
  readonly #report: PeerReport

  constructor(
    options: { peer: string; offerer: boolean; negotiation: number; iceServers: ReadonlyArray<RTCIceServer> },
    around: LinkSurroundings
  ) {
    this.peer = options.peer
    this.negotiation = options.negotiation
    this.#offerer = options.offerer
    this.#floor = options.offerer ? options.negotiation : 0
    this.#around = around
    this.#pc = new RTCPeerConnection({ iceServers: [...options.iceServers] })
    this.#pc.addEventListener("negotiationneeded", () => {
      this.#wanted = true
      this.#queue(() => this.#offer())
    })
    this.#pc.addEventListener("icecandidate", ({ candidate }) => this.#gathered(candidate))
    this.#pc.addEventListener("connectionstatechange", () => this.#watch())
    this.#report = new PeerReport((state) => around.send("call.link", { with: this.peer, state }))
    this.#repair = new PeerRepair({
      offerer: this.#offerer,
      onBroken: () => {
        if (this.transport === "up") this.#turn("down")
      },
      restart: (isWanted) => this.#restart(isWanted)
    })
    if (this.#offerer) {
      for (const slot of slots) this.#adopt(slot, this.#pc.addTransceiver(kinds[slot], { direction: "sendrecv" }))
    }
  }

  /** Sends what this window has now. Slots that were negotiated need no new offer, others get one. */
  sendMedia(): void {
    for (const slot of slots) {
      const track = this.#around.media.track(slot)
      const transceiver = this.#transceivers[slot]
      if (transceiver !== undefined) this.#put(transceiver, track)
      else if (track !== null && this.#described > 0) {
        this.#adopt(slot, this.#pc.addTransceiver(kinds[slot], { direction: "sendrecv" }))
      }
    }
  }

  signal(signal: Signal): void {
    if (signal.negotiation <= this.#floor) return
    this.#queue(async () => {
      if (signal.type !== "candidates") await (signal.type === "offer" ? this.#offered(signal) : this.#answered(signal))
      else if (signal.negotiation > this.#described) this.#early.push(signal)
      else await this.#addCandidates(signal)
    })
  }

  /** The server has given up waiting for an answer. */
  expired(negotiation: number): void {
    this.#queue(async () => {
      this.negotiation = Math.max(negotiation, this.negotiation)
      await this.#rollBack()
      await this.#offer()
    })
  }

  /** Tells the server again how the connection is: it may have missed it, or have come to think otherwise. */
  report(): void {
    this.#report.repeat()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#flush)
    this.#report.close()
    this.#repair.end()
    this.#pc.close()
  }

  stats(): Promise<RTCStatsReport> {
    return this.#pc.getStats()
  }

  /** One thing at a time, as they come. */
  #queue(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (!this.#closed) await task()
    }).catch((cause: unknown) => {
      if (!this.#closed) console.warn(`dchat: the link to ${this.peer} stumbled`, cause)
    })
  }

  #adopt(slot: Slot, transceiver: RTCRtpTransceiver): void {
    this.#transceivers[slot] = transceiver
    for (const event of ["mute", "unmute"]) transceiver.receiver.track.addEventListener(event, this.#around.onChange)
    this.#put(transceiver, this.#around.media.track(slot))
  }

  #put(transceiver: RTCRtpTransceiver, track: MediaStreamTrack | null): void {
    if (transceiver.sender.track !== track) transceiver.sender.replaceTrack(track).catch(() => {})
  }

  /** A stream for everything that the other side has described. */
  #receive(): void {
    for (const slot of slots) {
      const track = this.#transceivers[slot]?.receiver.track
      if (track !== undefined && this.streams[slot] === undefined) this.streams[slot] = new MediaStream([track])
    }
    this.#around.onChange()
  }

  /** The first audio section is the microphone, the first video section the camera, the second one the screen. */
  #adoptOffered(): void {
    const used = new Set(Object.values(this.#transceivers))
    for (const transceiver of this.#pc.getTransceivers()) {
      const slot = slots.find((slot) =>
        kinds[slot] === transceiver.receiver.track.kind && this.#transceivers[slot] === undefined
      )
      if (slot === undefined || used.has(transceiver) || transceiver.direction === "stopped") continue
      transceiver.direction = "sendrecv"
      this.#adopt(slot, transceiver)
    }
  }

  async #offer(): Promise<void> {
    // Until there is a first description, the offer is the offerer's to make; in the middle of one, it has to wait.
    if (!this.#wanted || this.#pc.signalingState !== "stable") return
    if (this.#described === 0 && !this.#offerer) return
    const next = this.negotiation + 1
    this.#holding = true
    await this.#pc.setLocalDescription()
    try {
      const sdp = this.#pc.localDescription?.sdp
      await this.#around.send("call.offer", { to: this.peer, sdp, negotiation: next })
      this.negotiation = next
      this.#wanted = false
      this.#release()
    } catch (problem) {
      this.#outgoing = []
      await this.#rollBack()
      const code = problem instanceof DchatProblem ? problem.code : "unknown"
      // offer_conflict: the other one was first. Their offer is on its way, and ours follows once it is answered.
      if (final.has(code) || code === "offer_conflict") return
      if (code === "stale_negotiation") this.negotiation = await this.#around.negotiation()
      setTimeout(() => this.#queue(() => this.#offer()), code === "stale_negotiation" ? 100 : 3000)
    }
  }

  async #offered({ negotiation, sdp }: Description): Promise<void> {
    if (negotiation <= this.#described) return
    await this.#rollBack()
    await this.#pc.setRemoteDescription({ type: "offer", sdp })
    this.negotiation = this.#described = negotiation
    this.#adoptOffered()
    this.#receive()
    await this.#addEarly()
    this.#holding = true
    await this.#pc.setLocalDescription()
    const answer = { to: this.peer, sdp: this.#pc.localDescription?.sdp, negotiation }
    await this.#around.send("call.answer", answer).finally(() => this.#release())
    this.#reportIfUp()
    await this.#offer()
  }

  async #answered({ negotiation, sdp }: Description): Promise<void> {
    if (negotiation > this.negotiation && this.#pc.signalingState === "stable") {
      // The answer is for a withdrawn offer whose success was not reported: make a new offer.
      this.negotiation = negotiation
      this.#wanted = true
      return this.#offer()
    }
    if (negotiation !== this.negotiation || this.#pc.signalingState !== "have-local-offer") return
    await this.#pc.setRemoteDescription({ type: "answer", sdp })
    this.#described = negotiation
    this.#receive()
    await this.#addEarly()
    this.sendMedia()
    this.#reportIfUp()
    await this.#offer()
  }

  async #rollBack(): Promise<boolean> {
    if (this.#pc.signalingState !== "have-local-offer") return false
    await this.#pc.setLocalDescription({ type: "rollback" })
    this.#wanted = true
    return true
  }

  async #addCandidates({ candidates }: Candidates): Promise<void> {
    // A candidate of an offer that was rolled back does not fit any more, and is not needed.
    await Promise.all(candidates.map((candidate) => this.#pc.addIceCandidate(candidate).catch(() => {})))
  }

  async #addEarly(): Promise<void> {
    const early = this.#early
    this.#early = early.filter(({ negotiation }) => negotiation > this.#described)
    for (const signal of early) if (signal.negotiation === this.#described) await this.#addCandidates(signal)
  }

  #gathered(candidate: RTCIceCandidate | null): void {
    if (candidate === null) this.#complete = true
    else if (candidate.candidate !== "") this.#outgoing.push(candidate.toJSON())
    if (!this.#holding) this.#release()
  }

  #release(): void {
    this.#holding = false
    clearTimeout(this.#flush)
    this.#flush = setTimeout(() => {
      if (this.#closed || this.#holding) return
      const candidates = this.#outgoing.splice(0, 64)
      const endOfCandidates = this.#complete && this.#outgoing.length === 0
      if (candidates.length === 0 && !endOfCandidates) return
      if (endOfCandidates) this.#complete = false
      const end = endOfCandidates ? { endOfCandidates } : {}
      this.#around.send("call.candidates", { to: this.peer, candidates, negotiation: this.negotiation, ...end })
        .catch(() => {})
      if (this.#outgoing.length > 0) this.#release()
    }, 40)
  }

  #watch(): void {
    const state = this.#pc.connectionState
    if (state === "connected") {
      this.#repair.end()
      this.#turn("up")
      // Also after a repair that this side did not notice: the server may wait for a report that the link is up.
      this.report()
    } else if (state === "failed") this.#repair.begin()
    else if (state === "disconnected") this.#repair.watch()
  }

  /** The server takes a link that was down for one that is being checked once an offer is answered. */
  #reportIfUp(): void {
    if (this.#pc.connectionState === "connected") this.report()
  }

  #turn(transport: "up" | "down"): void {
    if (this.#closed || this.transport === transport) return
    this.transport = transport
    this.#report.tell(transport)
    this.#around.onChange()
  }

  async #restart(isWanted: () => boolean): Promise<void> {
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), iceServersWithin))
    const iceServers = await Promise.race([this.#around.iceServers().catch(() => undefined), late])
    if (this.#closed || !isWanted()) return
    if (iceServers !== undefined) this.#pc.setConfiguration({ iceServers: [...iceServers] })
    this.#pc.restartIce()
  }
}
