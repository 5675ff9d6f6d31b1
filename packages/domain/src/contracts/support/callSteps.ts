/**
 * Steps of calls as the rules make them, for tests of stores.
 */
import { Array, DateTime, Result, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type AppendConflict,
  AppendConflictReason,
  type Call,
  type CallAppend,
  type CallCommand,
  CallId,
  CallMachine,
  type CallRecord,
  ConnectionId,
  defaultTimeouts,
  DeviceId,
  HostId,
  type Lease,
  record,
  type Signal
} from "../../call/index.ts"
import { UserId } from "../../identity/index.ts"

export const noon = DateTime.makeUnsafe("2026-01-01T12:00:00.123Z")

export const someone = () => UserId.make(SecureRandom.uuidV7Unsafe())

export const someCallId = () => CallId.make(SecureRandom.uuidV7Unsafe())

export const someConnection = () => ({
  id: ConnectionId.make(SecureRandom.uuidV7Unsafe()),
  hostId: HostId.make("host")
})

export const leaseOf = (call: Call, userId: UserId, more: Partial<Lease> = {}): Lease => ({
  callId: call.id,
  userId,
  device: DeviceId.make("phone"),
  seenAt: noon,
  ...more
})

type Extras = Partial<Pick<CallAppend, "lease" | "request">> & { readonly at?: DateTime.Utc }

/** The step of a command; none if the command is refused or changes nothing. */
export const decided = (
  before: Call | undefined,
  command: CallCommand,
  extras: Extras = {}
): CallAppend | undefined => {
  const { at = before?.updatedAt ?? noon, ...more } = extras
  const events = Result.getOrElse(CallMachine.decide(command, before, at), () => [])
  const { call, records } = record(before, events, at)
  if (call === undefined || !Array.isReadonlyArrayNonEmpty(records)) return undefined
  return { before, call, records, signals: records.flatMap(signalOf), ...more }
}

/** The step of a command that must change the call. */
export const step = (before: Call | undefined, command: CallCommand, extras: Extras = {}): CallAppend => {
  const decision = decided(before, command, extras)
  if (decision === undefined) throw new Error(`${command._tag} leads to nothing`)
  return decision
}

export interface NewCall extends Extras {
  readonly id?: CallId
  readonly type?: Call["type"]
  readonly busy?: boolean
  readonly blocked?: boolean
}

/** A new call: direct with one callee, else a group. */
export const initiate = (
  by: UserId,
  callees: Array.NonEmptyReadonlyArray<UserId>,
  options: NewCall = {}
): CallAppend => {
  const { blocked = false, busy = false, id = someCallId(), type = "audio", ...extras } = options
  return step(undefined, {
    _tag: "Initiate",
    callId: id,
    by,
    callees: Array.map(callees, (userId) => ({ userId, busy, blocked })),
    callType: type,
    limits: { people: 8, callSeconds: 86_400, reason: "max_duration", recording: true, timeouts: defaultTimeouts }
  }, extras)
}

/** The signal of a signalling event. */
export const signalOf = (
  { event, seq }: CallRecord
): ReadonlyArray<{ readonly seq: number; readonly signal: Signal }> => {
  switch (event._tag) {
    case "Offer":
    case "Answer":
      return [{ seq, signal: { sdp: `v=0\r\ns=${event.digest}\r\n` } }]
    case "Candidates":
    case "CandidatesKept":
      return [{ seq, signal: { candidates: event.digests.map((candidate) => ({ candidate, sdpMid: null })) } }]
    default:
      return []
  }
}

export interface PlainReason {
  readonly _tag: string
  readonly userId?: string | undefined
  readonly callId?: string | undefined
}

/** The conflict for which a step was not stored, as a plain object. */
export const plainReason: (reason: AppendConflict["reason"]) => PlainReason = Schema.encodeSync(AppendConflictReason)
