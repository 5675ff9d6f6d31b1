/**
 * Reads quick frames by plain functions, several times faster than by their schemas.
 */
import { type CallId, candidateLengths, type IceCandidate, isShortCandidate } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { isStorableText, isUuidV7 } from "@dchat/domain/storable"
import { hasCandidates } from "../api/CandidatesBody.ts"
import { frameIdLength } from "../api/RealtimeFrames.ts"
import type { QuickFrame } from "./QuickFrames.ts"

const refused = Symbol()

/** Reads a value of parsed JSON. Undefined stands for a missing member. */
type Read<A> = (given: unknown) => A | typeof refused

type Members<Struct> = { readonly [Name in keyof Required<Struct>]: Read<Required<Struct>[Name] | undefined> }

const struct = <Struct extends object>(members: Members<Struct>): Read<Struct> => {
  const reads = Object.entries<Read<unknown>>(members)
  return (given) => {
    if (typeof given !== "object" || given === null) return refused
    const struct: Record<string, unknown> = {}
    for (const [name, read] of reads) {
      const value = read((given as Readonly<Record<string, unknown>>)[name])
      if (value === refused) return refused
      if (value !== undefined) struct[name] = value
    }
    return struct as Struct
  }
}

const optional = <A>(read: Read<A>): Read<A | undefined> => (given) => given === undefined ? given : read(given)

const orNull = <A>(read: Read<A>): Read<A | null> => (given) => given === null ? given : read(given)

const omittable = <A>(read: Read<A>): Read<A | undefined> => (given) =>
  given === undefined || given === null ? undefined : read(given)

const list = <A>(read: Read<A>): Read<ReadonlyArray<A>> => (given) => {
  if (!Array.isArray(given)) return refused
  const items: Array<A> = []
  for (const each of given) {
    const item = read(each)
    if (item === refused) return refused
    items.push(item)
  }
  return items
}

const oneOf = <const A extends string>(...values: ReadonlyArray<A>): Read<A> => (given) =>
  values.find((value) => value === given) ?? refused

const integerFrom = (minimum: number): Read<number> => (given) =>
  typeof given === "number" && Number.isSafeInteger(given) && given >= minimum ? given : refused

const textUpTo = (length: number): Read<string> => (given) =>
  typeof given === "string" && given.length <= length && isStorableText(given) ? given : refused

const boolean: Read<boolean> = (given) => typeof given === "boolean" ? given : refused

const id: Read<CallId & UserId> = (given) =>
  typeof given === "string" && isUuidV7(given) ? given as CallId & UserId : refused

const candidateMembers = struct<IceCandidate>({
  candidate: textUpTo(candidateLengths.candidate),
  sdpMid: optional(orNull(textUpTo(candidateLengths.sdpMid))),
  sdpMLineIndex: optional(orNull(integerFrom(0))),
  usernameFragment: optional(orNull(textUpTo(candidateLengths.usernameFragment)))
})

const candidate: Read<IceCandidate> = (given) => {
  const candidate = candidateMembers(given)
  return candidate === refused || isShortCandidate(candidate) ? candidate : refused
}

const addressed = { to: omittable(id), negotiation: omittable(integerFrom(1)) }
const described = { ...addressed, sdp: textUpTo(Infinity) }

type Type = QuickFrame["type"]
type Frame<T extends Type> = Extract<QuickFrame, { readonly type: T }>

const frame = <const T extends Type>(
  type: T,
  members: Omit<Members<Frame<T>>, "type" | "id" | "callId">
): Read<Frame<T>> =>
  struct({ type: () => type, id: omittable(textUpTo(frameIdLength)), callId: id, ...members } as Members<Frame<T>>)

const candidates = frame("call.candidates", {
  ...addressed,
  candidates: omittable(list(orNull(candidate))),
  candidate: optional(orNull(candidate)),
  endOfCandidates: omittable(boolean)
})

const frames: { readonly [T in Type]: Read<Frame<T>> } = {
  "call.alert": frame("call.alert", {}),
  "call.offer": frame("call.offer", described),
  "call.answer": frame("call.answer", described),
  "call.candidates": (given) => {
    const frame = candidates(given)
    return frame === refused || hasCandidates(frame) === true ? frame : refused
  },
  "call.link": frame("call.link", { with: omittable(id), state: oneOf("up", "down") }),
  "call.media": frame("call.media", {
    audio: omittable(boolean),
    video: omittable(boolean),
    screen: omittable(boolean),
    hold: omittable(boolean)
  })
}

const reads: ReadonlyMap<unknown, Read<QuickFrame>> = new Map(Object.entries(frames))

/**
 * The frame, equal to the one that its schema decodes, of an object of parsed JSON. Undefined if the frame is of another
 * type, or if its schema refuses the frame: the schema says what is wrong.
 */
export const readQuickFrame = (json: object): QuickFrame | undefined => {
  const frame = "type" in json ? reads.get(json.type)?.(json) : undefined
  return frame === refused ? undefined : frame
}
