/**
 * A phone that speaks through a relay: a server that passes each message on and knows nothing of calls.
 */
import type { Phone, Word } from "./Phone.ts"
import { candidate, numberOf, sdp } from "./signals.ts"
import { openSocket } from "./Socket.ts"

/** What a relay passes on. */
export interface Message {
  readonly word: Word
  /** The number of the call of this pair, so that nobody takes a late message for one of the next call. */
  readonly call: number
  readonly sdp?: string
  readonly candidate?: ReturnType<typeof candidate>
}

/** How to speak to one kind of relay. */
export interface Relay {
  readonly url: (origin: string, user: string) => string
  readonly encode: (to: string, message: Message) => string
  /** The message in a frame, an answer that the relay wants at once, or nothing. */
  readonly decode: (text: string) => Message | string | undefined
  /** Whether the frame says that the relay knows the user from now on. Without it, an open connection says so. */
  readonly isReady?: (text: string) => boolean
  /** The frame that a client sends first. */
  readonly greeting?: string
}

let users = 0

export const relayPhone = async (relay: Relay, origin: string): Promise<Phone> => {
  const user = `user-${users += 1}`
  let call = 0
  let ready: () => void
  const isReady = new Promise<void>((done) => ready = done)
  const hearFrame = (text: string) => {
    if (relay.isReady?.(text) === true) return ready()
    const message = relay.decode(text)
    if (message === undefined) return
    if (typeof message === "string") return socket.send(message)
    if (message.word === "ring") call = message.call
    if (message.call !== call) return
    phone.hear(message.word, message.candidate === undefined ? 0 : numberOf(message.candidate))
  }
  const socket = await openSocket(relay.url(origin, user), hearFrame)
  const phone: Phone = {
    user,
    hear: () => undefined,
    answered: () => undefined,
    refused: () => undefined,
    say: (word, to, number = 0) => {
      if (word === "ring") call += 1
      const signal = word === "offer" || word === "answer"
        ? { sdp }
        : word === "candidate"
        ? { candidate: candidate(number) }
        : {}
      socket.send(relay.encode(to, { word, call, ...signal }))
      phone.answered(word)
    },
    giveUp: () => {
      call += 1
    },
    isIdle: () => true,
    faults: () => ({ repeated: 0, missed: 0 }),
    close: () => socket.terminate()
  }
  if (relay.greeting !== undefined) socket.send(relay.greeting)
  if (relay.isReady !== undefined) await isReady
  return phone
}
