/**
 * The protocols of the relays that dchat is compared with.
 */
import type { Heard, Message, Relay } from "./RelayPhone.ts"

const webSocketOf = (origin: string) => origin.replace("http", "ws")

const ws: Relay = {
  url: (origin, user) => `${webSocketOf(origin)}/?id=${user}`,
  encode: (to, body) => JSON.stringify({ to, body }),
  decode: (text) => JSON.parse(text) as Heard
}

/** Engine.IO 4 and Socket.IO 5 as texts: `0` open, `40` connected, `2` ping, `3` pong, `42` event. */
const socketIo: Relay = {
  url: (origin, user) => `${webSocketOf(origin)}/socket.io/?EIO=4&transport=websocket&id=${user}`,
  encode: (to, body) => `42${JSON.stringify(["relay", to, body])}`,
  decode: (text) => {
    if (text.startsWith("42")) {
      const [, from, body] = JSON.parse(text.slice(2)) as [string, string, Message]
      return { from, body }
    }
    if (text.startsWith("0")) return "40"
    return text === "2" ? "3" : undefined
  },
  isReady: (text) => text.startsWith("40")
}

/** PeerJS has types of its own for descriptions. What it passes on, it does not read. */
const typeOf = new Map<Message["word"], string>([["offer", "OFFER"], ["answer", "ANSWER"]])

const peerJs: Relay = {
  url: (origin, user) => `${webSocketOf(origin)}/peerjs?key=peerjs&id=${user}&token=${user}&version=1`,
  encode: (dst, payload) => JSON.stringify({ type: typeOf.get(payload.word) ?? "CANDIDATE", dst, payload }),
  decode: (text) => {
    const { payload, src } = JSON.parse(text) as { readonly src?: string; readonly payload?: Message }
    return src === undefined || payload === undefined ? undefined : { from: src, body: payload }
  },
  isReady: (text) => text.startsWith("{\"type\":\"OPEN\"")
}

export const relays: ReadonlyMap<string, Relay> = new Map([["ws", ws], ["socket.io", socketIo], ["peerjs", peerJs]])
