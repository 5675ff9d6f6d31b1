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

/** The connection that a feed sends to. */
export interface FeedClient {
  readonly actor: Actor
  readonly send: (frame: ServerFrame) => void
  readonly sendText: (text: string) => void
}

export class CallFeed {
  readonly #calls: Calls["Service"]
  readonly #client: FeedClient
  /** The number of the last event that was sent, by call. */
  #cursors: Map<CallId, number> | undefined
  /** Calls that this user has left. Events until the user is back are not sent. */
  #left: Set<CallId> | undefined

  constructor(calls: Calls["Service"], client: FeedClient) {
    this.#calls = calls
    this.#client = client
  }

  /** Brings the client up to date with a call, from the last seq it knows, if it knows any. */
  resume(id: CallId, known: number | undefined): Effect.Effect<void> {
    return Effect.catchTag(this.#resume(id, known), "CallNotFound", () => Effect.void)
  }

  /** Passes on a step of a call. */
  accept(notice: CallNotice): Effect.Effect<void> {
    return Effect.forEach(notice.records, (record) => this.#acceptRecord(notice, record), { discard: true })
  }

  /**
   * Passes on a step by plain functions, as far as its events follow one another and concern signalling or media.
   * Returns whether that is all; if not, `accept` passes on the rest.
   */
  acceptQuickly({ call, records, signals }: CallNotice): boolean {
    for (const record of records) {
      const after = record.audience[this.#user]
      const last = this.#cursors?.get(call.id)
      if (after === undefined || (last !== undefined && record.seq <= last)) continue
      if (last === undefined || after > last || this.#left?.has(call.id)) return false
      const text = signallingText(call.id, record, after, signals)
      if (text === undefined) return false
      this.#moveTo(call.id, record.seq)
      this.#client.sendText(text)
    }
    return true
  }

  get #user(): UserId {
    return this.#client.actor.userId
  }

  #lastSeqOf(call: Call): number {
    return participation(call, this.#user)?.lastSeq ?? 0
  }

  #moveTo(id: CallId, seq: number): void {
    const cursors = this.#cursors ??= new Map()
    cursors.delete(id)
    cursors.set(id, seq)
    for (const oldest of cursors.keys()) {
      if (cursors.size <= followed) break
      cursors.delete(oldest)
      this.#left?.delete(oldest)
    }
  }

  #snapshot(call: Call, seq: number, deliveries: ReadonlyArray<Delivery>): void {
    this.#moveTo(call.id, seq)
    this.#left?.delete(call.id)
    const inbox = inboxOf(call, deliveries, this.#user)
    this.#client.send({ type: "call.snapshot", callId: call.id, seq, call: viewOf(call), inbox })
  }

  /** A user who returns after leaving has missed events, and receives the call itself first. */
  #deliver(call: Call, delivery: Delivery): void {
    const { audience, seq } = delivery.record
    if (this.#left?.has(call.id)) this.#snapshot(call, audience[this.#user] ?? 0, [])
    this.#moveTo(call.id, seq)
    if (isLeaving(delivery, this.#user)) (this.#left ??= new Set()).add(call.id)
    const envelope = envelopeOf(call.id, delivery, this.#client.actor)
    if (Option.isSome(envelope)) this.#client.send({ type: "call.event", ...envelope.value })
  }

  #catchUp(id: CallId, after: number) {
    return Effect.map(this.#calls.deliveries(this.#client.actor, id, after), ({ call, deliveries }) => {
      const last = this.#lastSeqOf(call)
      if (!isGapless(deliveries, this.#user, after, last)) return this.#snapshot(call, last, deliveries)
      for (const delivery of deliveries) this.#deliver(call, delivery)
    })
  }

  #resume(id: CallId, known: number | undefined) {
    return Effect.gen({ self: this }, function*() {
      const { actor } = this.#client
      const { call, deliveries } = yield* this.#calls.deliveries(actor, id, known ?? 0)
      const last = this.#lastSeqOf(call)
      const needsSnapshot = known === undefined || known > last || isOver(call)
      if (needsSnapshot || !isGapless(deliveries, actor.userId, known, last)) {
        const all = known === undefined ? deliveries : (yield* this.#calls.deliveries(actor, id, 0)).deliveries
        return this.#snapshot(call, last, all)
      }
      this.#moveTo(id, known)
      if (
        participation(call, actor.userId)?.state === "left" || deliveries.some((each) => isEntry(each, actor.userId))
      ) {
        const all = (yield* this.#calls.deliveries(actor, id, 0)).deliveries
        if (endsWithLeaving(all.filter(({ record }) => record.seq <= known), actor.userId)) {
          ;(this.#left ??= new Set()).add(id)
        }
      }
      for (const delivery of deliveries) this.#deliver(call, delivery)
    })
  }

  #acceptRecord({ call, signals }: CallNotice, record: CallRecord): Effect.Effect<void> {
    const after = record.audience[this.#user]
    if (after === undefined) return Effect.void
    const known = this.#cursors?.get(call.id)
    if (known === undefined && record.event._tag !== "CallInitiated") this.#snapshot(call, after, [])
    const last = this.#cursors?.get(call.id) ?? 0
    if (record.seq <= last) return Effect.void
    if (after > last) return Effect.catchTag(this.#catchUp(call.id, last), "CallNotFound", () => Effect.void)
    const signal = signals.find(({ seq }) => seq === record.seq)?.signal
    this.#deliver(call, { record, signal: Option.fromUndefinedOr(signal) })
    return Effect.void
  }
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
