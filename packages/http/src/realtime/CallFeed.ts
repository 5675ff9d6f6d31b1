/**
 * Sends the events of calls to one connection: in order, none twice, none missing. The feed remembers the last event it
 * sent of each call and reads events that the bus lost from the repository. Where an event cannot be read, the feed
 * sends the call itself.
 */
import {
  type Actor,
  type Call,
  type CallId,
  type CallNotice,
  type CallRecord,
  type Calls,
  type Delivery,
  isOver,
  participation
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { Effect, Option } from "effect"
import { envelopeOf, inboxOf, signallingText } from "../api/CallEnvelope.ts"
import { viewOf } from "../api/CallView.ts"
import type { ServerFrame } from "../api/RealtimeFrames.ts"

/** A connection follows this many calls at most; the ones it heard of least recently are forgotten first. */
const followed = 256

export interface CallFeed {
  /** Brings the client up to date with a call, from the last seq it knows, if it knows any. */
  readonly resume: (id: CallId, known: number | undefined) => Effect.Effect<void>
  /** Passes on a step of a call. */
  readonly accept: (notice: CallNotice) => Effect.Effect<void>
  /**
   * Passes on a step by plain functions, as far as its events follow one another and concern signalling or media.
   * Returns whether that is all; if not, `accept` passes on the rest.
   */
  readonly acceptQuickly: (notice: CallNotice) => boolean
}

export const makeCallFeed = (
  actor: Actor,
  calls: Calls["Service"],
  send: (frame: ServerFrame) => Effect.Effect<void>,
  sendText: (text: string) => void
): CallFeed => {
  const cursors = new Map<CallId, number>()
  /** Calls that this user has left. Events until the user is back are not sent. */
  const left = new Set<CallId>()

  const lastSeqOf = (call: Call) => participation(call, actor.userId)?.lastSeq ?? 0

  const moveTo = (id: CallId, seq: number) => {
    cursors.delete(id)
    cursors.set(id, seq)
    for (const oldest of cursors.keys()) {
      if (cursors.size <= followed) break
      cursors.delete(oldest)
      left.delete(oldest)
    }
  }

  const snapshot = (call: Call, seq: number, deliveries: ReadonlyArray<Delivery>) => {
    moveTo(call.id, seq)
    left.delete(call.id)
    const inbox = inboxOf(call, deliveries, actor.userId)
    return send({ type: "call.snapshot", callId: call.id, seq, call: viewOf(call), inbox })
  }

  /** A user who returns after leaving has missed events, and receives the call itself first. */
  const deliver = Effect.fnUntraced(function*(call: Call, delivery: Delivery) {
    const { audience, seq } = delivery.record
    if (left.has(call.id)) yield* snapshot(call, audience[actor.userId] ?? 0, [])
    moveTo(call.id, seq)
    if (isLeaving(delivery, actor.userId)) left.add(call.id)
    const envelope = envelopeOf(call.id, delivery, actor)
    if (Option.isSome(envelope)) yield* send({ type: "call.event", ...envelope.value })
  })

  const catchUp = Effect.fnUntraced(function*(id: CallId, after: number) {
    const { call, deliveries } = yield* calls.deliveries(actor, id, after)
    const last = lastSeqOf(call)
    if (!isGapless(deliveries, actor.userId, after, last)) return yield* snapshot(call, last, deliveries)
    yield* Effect.forEach(deliveries, (delivery) => deliver(call, delivery), { discard: true })
  })

  const resume = Effect.fnUntraced(function*(id: CallId, known: number | undefined) {
    const { call, deliveries } = yield* calls.deliveries(actor, id, known ?? 0)
    const last = lastSeqOf(call)
    const needsSnapshot = known === undefined || known > last || isOver(call)
    if (needsSnapshot || !isGapless(deliveries, actor.userId, known, last)) {
      const all = known === undefined ? deliveries : (yield* calls.deliveries(actor, id, 0)).deliveries
      return yield* snapshot(call, last, all)
    }
    moveTo(id, known)
    if (participation(call, actor.userId)?.state === "left" || deliveries.some((each) => isEntry(each, actor.userId))) {
      const all = (yield* calls.deliveries(actor, id, 0)).deliveries
      if (endsWithLeaving(all.filter(({ record }) => record.seq <= known), actor.userId)) left.add(id)
    }
    yield* Effect.forEach(deliveries, (delivery) => deliver(call, delivery), { discard: true })
  }, (effect) => Effect.catchTag(effect, "CallNotFound", () => Effect.void))

  const acceptRecord = Effect.fnUntraced(function*({ call, signals }: CallNotice, record: CallRecord) {
    const after = record.audience[actor.userId]
    if (after === undefined) return
    const known = cursors.get(call.id)
    if (known === undefined && record.event._tag !== "CallInitiated") yield* snapshot(call, after, [])
    const last = cursors.get(call.id) ?? 0
    if (record.seq <= last) return
    if (after > last) return yield* Effect.catchTag(catchUp(call.id, last), "CallNotFound", () => Effect.void)
    const signal = signals.find(({ seq }) => seq === record.seq)?.signal
    yield* deliver(call, { record, signal: Option.fromUndefinedOr(signal) })
  })

  const accept = (notice: CallNotice) =>
    Effect.forEach(notice.records, (record) => acceptRecord(notice, record), { discard: true })

  const acceptQuickly = ({ call, records, signals }: CallNotice): boolean => {
    for (const record of records) {
      const after = record.audience[actor.userId]
      const last = cursors.get(call.id)
      if (after === undefined || (last !== undefined && record.seq <= last)) continue
      if (last === undefined || after > last || left.has(call.id)) return false
      const text = signallingText(call.id, record, after, signals)
      if (text === undefined) return false
      moveTo(call.id, record.seq)
      sendText(text)
    }
    return true
  }

  return { resume, accept, acceptQuickly }
}

/** Whether these are all events that the user sees from `known` to `last`. An event that cannot be read is missing. */
const isGapless = (deliveries: ReadonlyArray<Delivery>, user: UserId, known: number, last: number): boolean => {
  let seen = known
  for (const { record: { audience, seq } } of deliveries) {
    if ((audience[user] ?? 0) > seen) return false
    seen = seq
  }
  return seen >= last
}

/** Whether this user is invited or joins. */
const isEntry = ({ record: { event } }: Delivery, user: UserId): boolean =>
  (event._tag === "Invited" || event._tag === "Accepted") && event.userId === user

const isLeaving = ({ record: { event } }: Delivery, user: UserId): boolean =>
  event._tag === "Left" && event.userId === user

/** Whether this user is out of the call after these events, having been in it or invited. */
const endsWithLeaving = (deliveries: ReadonlyArray<Delivery>, user: UserId): boolean => {
  const last = deliveries.findLast((each) => isEntry(each, user) || isLeaving(each, user))
  return last !== undefined && isLeaving(last, user)
}
