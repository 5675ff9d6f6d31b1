/**
 * The compressed body of a finished call: its last state and the events of its timeline.
 */
import { Schema } from "effect"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { finishedCallDictionary as dictionary } from "./FinishedCallDictionary.ts"

/** The format that `pack` writes: JSON in DEFLATE (RFC 1951) with a preset dictionary. */
export const bodyFormat = 1

/** An event as the table of events keeps it. `at` is a time of ISO 8601. */
const StoredEvent = Schema.Struct({
  seq: Schema.Int,
  at: Schema.String,
  event: Schema.Unknown,
  audience: Schema.Record(Schema.String, Schema.Int)
})

const Body = Schema.Struct({ state: Schema.Unknown, events: Schema.Array(StoredEvent) })
export type FinishedCallBody = typeof Body.Type

const decode = Schema.decodeUnknownSync(Body)

/** A small window and little memory, because most bodies have 4 kB. */
const options = { dictionary, windowBits: 14, memLevel: 5 } as const

export const pack = (body: FinishedCallBody): Uint8Array => deflateRawSync(JSON.stringify(body), options)

/** The body, or no state and no events if the bytes are damaged or have another format. */
export const unpack = (format: number, bytes: Uint8Array): FinishedCallBody => {
  try {
    if (format === bodyFormat) return decode(JSON.parse(inflateRawSync(bytes, { dictionary }).toString()))
  } catch {
    // The state is then reported as one that cannot be read.
  }
  return { state: undefined, events: [] }
}
