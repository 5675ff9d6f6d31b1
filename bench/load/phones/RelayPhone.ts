/**
 * A phone that speaks through a relay: a server that passes each message on and knows nothing of calls.
 */
import type { WebSocket } from "ws"
import { ConnectedPhone } from "./ConnectedPhone.ts"
import type { Phone, Word } from "./Phone.ts"
import { candidate, numberOf, sdp } from "./signals.ts"
import { openSocket } from "./Socket.ts"

/** A message that a relay passes on. */
export interface Message {
  readonly word: Word
  /** The number of the call of these users, so that nobody takes a late message for one of the next call. */
  readonly call: number
  readonly sdp?: string
  readonly candidate?: ReturnType<typeof candidate>
}

export interface Heard {
  readonly from: string
  readonly body: Message
}

/** How to speak to one kind of relay. */
export interface Relay {
  readonly url: (origin: string, user: string) => string
  readonly encode: (to: string, message: Message) => string
  /** The message in a frame, an answer that the relay wants at once, or nothing. */
  readonly decode: (text: string) => Heard | string | undefined
  /** Whether the frame says that the relay knows the user from now on. Without it, an open connection says so. */
  readonly isReady?: (text: string) => boolean
}

const signalOf = (word: Word, number: number) => {
  if (word === "offer" || word === "answer") return { sdp }
  return word === "candidate" ? { candidate: candidate(number) } : {}
}

let users = 0

class RelayPhone extends ConnectedPhone implements Phone {
  readonly user: string
  readonly #relay: Relay
  readonly #url: string
  #ready: () => void = () => undefined
  #call = 0

  constructor(relay: Relay, origin: string) {
    super()
    users += 1
    this.user = `user-${users}`
    this.#relay = relay
    this.#url = relay.url(origin, this.user)
  }

  say(word: Word, to: ReadonlyArray<string>, number = 0) {
    if (word === "ring") this.#call += 1
    const message = { word, call: this.#call, ...signalOf(word, number) }
    for (const user of to) this.send(this.#relay.encode(user, message))
    this.answered(word)
  }

  giveUp() {
    this.#call += 1
  }

  isIdle() {
    return true
  }

  faults() {
    return { repeated: 0, missed: 0 }
  }

  async comeBack() {
    const ready = new Promise<void>((done) => this.#ready = done)
    const socket = await openSocket(this.#url, (text, socket) => this.#hearFrame(text, socket))
    if (this.#relay.isReady !== undefined) await ready
    this.keep(socket)
  }

  #hearFrame(text: string, socket: WebSocket) {
    if (this.#relay.isReady?.(text) === true) return this.#ready()
    const heard = this.#relay.decode(text)
    if (heard === undefined) return
    if (typeof heard === "string") return socket.send(heard)
    const { body: { call, candidate, word }, from } = heard
    if (word === "ring") this.#call = call
    if (call === this.#call) this.hear(word, from, candidate === undefined ? 0 : numberOf(candidate))
  }
}

export const relayPhone = async (relay: Relay, origin: string): Promise<Phone> => {
  const phone = new RelayPhone(relay, origin)
  await phone.comeBack()
  return phone
}
