/**
 * The protocols of the relays that dchat is compared with.
 */
import type { Message, Relay } from "./RelayPhone.ts"

const ws: Relay = {
  url: (origin, user) => `${origin.replace("http", "ws")}/?id=${user}`,
  encode: (to, body) => JSON.stringify({ to, body }),
  decode: (text) => (JSON.parse(text) as { readonly body: Message }).body
}

export const relays: ReadonlyMap<string, Relay> = new Map([["ws", ws]])
