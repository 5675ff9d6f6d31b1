/** The connections of one call: one to every other participant, opened and closed by the events of the call. */
import { type Call, type DchatClient, type Envelope, type Signal } from "./dchat-client.ts"
import { type LocalMedia } from "./local-media.ts"
import { type LinkSurroundings, PeerLink } from "./peer-link.ts"

/** The time for which the server keeps a disconnected user in the call. */
const signalPatience = 30

/** The signals that one user has sent so far. */
export interface Inbound {
  readonly transport: string
  readonly audio: { readonly bytes: number; readonly packets: number }
  readonly video: { readonly bytes: number; readonly frames: number }
}

export class PeerLinks {
  readonly #me: string
  readonly #callId: string
  readonly #client: DchatClient
  readonly #around: LinkSurroundings
  readonly #links = new Map<string, PeerLink>()
  /** Negotiations are counted for each pair of users and never go back, even if a link is replaced. */
  readonly #negotiations = new Map<string, number>()
  #iceServers: ReadonlyArray<RTCIceServer> = []

  constructor(
    options: { me: string; call: Call; client: DchatClient; media: LocalMedia; onChange: () => void },
    iceServers: ReadonlyArray<RTCIceServer>
  ) {
    const { call, client, me, media, onChange } = options
    this.#me = me
    this.#callId = call.id
    this.#client = client
    this.#iceServers = iceServers
    this.#around = {
      media,
      onChange,
      send: (type, fields) => client.command(type, { callId: call.id, ...fields }, signalPatience),
      iceServers: async () => this.#iceServers = await readIceServers(client),
      negotiation: async () => 0
    }
    this.sync(call)
  }

  /** Opens the links that are open in the call between this user and others. */
  sync(call: Call): void {
    for (const { a, b, negotiation, offerer, state } of call.links) {
      if (state === "closed" || (a !== this.#me && b !== this.#me)) continue
      const peer = a === this.#me ? b : a
      this.#negotiations.set(peer, Math.max(negotiation, this.#negotiations.get(peer) ?? 0))
      this.#open(peer, offerer)
    }
  }

  /** Starts all links anew, with this side offering: for a page that was reloaded in the middle of a call. */
  startAfresh(): void {
    for (const peer of Array.from(this.#links.keys())) this.#replace(peer, this.#me)
  }

  get(peer: string): PeerLink | undefined {
    return this.#links.get(peer)
  }
  values(): Iterable<PeerLink> {
    return this.#links.values()
  }

  apply({ event }: Envelope): void {
    switch (event.type) {
      case "Accepted": {
        for (const { offerer, with: other } of event.links ?? []) {
          if (event.userId === this.#me) this.#open(other, offerer)
          else if (other === this.#me) this.#open(event.userId, offerer)
        }
        return
      }
      case "Left": {
        return this.#close(event.userId)
      }
      case "Resumed": {
        if (event.fresh === true && event.userId !== this.#me) this.#replace(event.userId, event.userId)
        return
      }
      case "NegotiationExpired": {
        return this.#links.get(event.a === this.#me ? event.b : event.a)?.expired(event.negotiation)
      }
      default: {
        const signal = signalOf(event)
        if (signal !== undefined) this.signal(signal)
      }
    }
  }

  signal(signal: Signal): void {
    this.#links.get(signal.from)?.signal(signal)
  }

  sendMedia(): void {
    for (const link of this.#links.values()) link.sendMedia()
  }
  report(): void {
    for (const link of this.#links.values()) link.report()
  }
  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  async stats(): Promise<Record<string, Inbound>> {
    const entries = [...this.#links].map(async ([peer, link]) => [peer, await inbound(link)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }

  #open(peer: string, offerer: string): void {
    if (this.#links.has(peer)) return
    const negotiation = this.#negotiations.get(peer) ?? 0
    const around = { ...this.#around, negotiation: () => this.#lastNegotiation(peer) }
    const link = new PeerLink(
      { peer, offerer: offerer === this.#me, negotiation, iceServers: this.#iceServers },
      around
    )
    this.#links.set(peer, link)
    this.#around.onChange()
  }

  #close(peer: string): void {
    const link = this.#links.get(peer)
    if (link === undefined) return
    this.#negotiations.set(peer, link.negotiation)
    this.#links.delete(peer)
    link.close()
    this.#around.onChange()
  }

  #replace(peer: string, offerer: string): void {
    this.#close(peer)
    this.#open(peer, offerer)
  }

  async #lastNegotiation(peer: string): Promise<number> {
    const call = await this.#client.request<Call>("GET", `/api/webrtc/call/${this.#callId}`)
    return call.links.find(({ a, b }) => (a === peer && b === this.#me) || (a === this.#me && b === peer))
      ?.negotiation ?? 0
  }
}

/** A signal as an event brings it; undefined for every other event, and for what a finished call has deleted. */
export const signalOf = (event: Envelope["event"]): Signal | undefined => {
  if (event.type === "Candidates") {
    const { candidates, from, negotiation } = event
    return candidates === undefined ? undefined : { type: "candidates", from, negotiation, candidates }
  }
  if ((event.type !== "Offer" && event.type !== "Answer") || event.sdp === undefined) return undefined
  const { from, negotiation, sdp } = event
  return { type: event.type === "Offer" ? "offer" : "answer", from, negotiation, sdp }
}

/** STUN and TURN servers with credentials of a few minutes. A call in one network does without them. */
export const readIceServers = async (client: DchatClient): Promise<ReadonlyArray<RTCIceServer>> =>
  (await client.request<{ iceServers: ReadonlyArray<RTCIceServer> }>("GET", "/api/webrtc/ice-servers")).iceServers

const inbound = async (link: PeerLink): Promise<Inbound> => {
  const audio = { bytes: 0, packets: 0 }
  const video = { bytes: 0, frames: 0 }
  for (const entry of (await link.stats()).values()) {
    if (entry.type !== "inbound-rtp") continue
    if (entry.kind === "audio") {
      audio.bytes += entry.bytesReceived ?? 0
      audio.packets += entry.packetsReceived ?? 0
    } else {
      video.bytes += entry.bytesReceived ?? 0
      video.frames += entry.framesDecoded ?? 0
    }
  }
  return { transport: link.transport, audio, video }
}
