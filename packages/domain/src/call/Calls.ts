/**
 * The call service: every operation of users on calls, by REST or by realtime.
 */
import { Context, Effect, Layer, Option } from "effect"
import { resolveRaces } from "../decision/Races.ts"
import { type IdempotencyConflict, makeIdempotency } from "../idempotency/index.ts"
import type { UserId } from "../identity/model/UserId.ts"
import { CallConnections } from "./CallConnections.ts"
import { makeFacts } from "./CallFacts.ts"
import { makePlacing, type PlacingRefusal } from "./CallPlacing.ts"
import { makeCallRequests, type RequestRefusal } from "./CallRequests.ts"
import { CallsElsewhere } from "./CallsElsewhere.ts"
import { CallSteps } from "./CallSteps.ts"
import { CallTime } from "./CallTime.ts"
import { countRung } from "./CountRung.ts"
import { type Call, isVisibleTo } from "./model/Call.ts"
import { CallContended, CallNotFound } from "./model/CallErrors.ts"
import { CallId } from "./model/CallIds.ts"
import type { Actor, CallRequest, CallRequestOf, NewCall } from "./model/CallRequest.ts"
import { CallDirectory } from "./ports/CallDirectory.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { AppendConflict, CallRepository, type Delivery } from "./ports/CallRepository.ts"
import { RingLimit } from "./ports/RingLimit.ts"
import type { HistoryCursor, HistoryFilter } from "./rules/CallProjection.ts"

export class Calls extends Context.Service<Calls, {
  /**
   * Places a call. `created` is false if the command answered the callee's own call, or if the idempotency key was used
   * before. The call may already be over if all callees are busy.
   */
  initiate(
    actor: Actor,
    call: NewCall,
    idempotencyKey?: string
  ): Effect.Effect<
    { readonly call: Call; readonly created: boolean },
    PlacingRefusal | IdempotencyConflict | CallContended
  >
  /** Executes a command on a call that the actor may know of. Returns the resulting call. */
  execute<Tag extends CallRequest["_tag"]>(
    actor: Actor,
    id: CallId,
    request: CallRequestOf<Tag>
  ): Effect.Effect<Call, RequestRefusal<Tag>>
  /** A call that the actor may know of. A REST request counts as a sign of life in the call. */
  get(actor: Actor, id: CallId): Effect.Effect<Call, CallNotFound>
  /** A call, and the events after `after` that the actor sees, oldest first. The request counts as a sign of life. */
  deliveries(
    actor: Actor,
    id: CallId,
    after: number
  ): Effect.Effect<{ readonly call: Call; readonly deliveries: ReadonlyArray<Delivery> }, CallNotFound>
  /** The open calls in which this user is active or pending, oldest first. */
  openCallsOf(user: UserId): Effect.Effect<ReadonlyArray<Call>>
  /** A page of this user's calls, newest first. `self` is the id under which the user took part. */
  history(
    user: UserId,
    filter: HistoryFilter,
    page: { readonly after?: HistoryCursor | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<{ readonly call: Call; readonly self: UserId }>>
  /** Ends a call for every participant, on behalf of an administrator. */
  endByAdmin(id: CallId): Effect.Effect<Call, CallNotFound | CallContended>
  /**
   * Raises the limits of open calls after a user's plan has changed. The open calls that the user began under any of
   * the user's ids, and is still in, change at once. A call that the initiator has left reads the plan when needed.
   */
  raiseLimits(initiator: UserId): Effect.Effect<void>
}>()("@dchat/domain/call/Calls") {
  static readonly layer = Layer.effect(
    Calls,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const connections = yield* CallConnections
      const repository = yield* CallRepository
      const policy = yield* CallPolicy
      const elsewhere = yield* CallsElsewhere
      const ringLimit = yield* RingLimit
      const time = yield* CallTime
      const directory = yield* CallDirectory
      const place = yield* makePlacing
      const once = yield* makeIdempotency
      const facts = yield* makeFacts
      const requests = yield* makeCallRequests

      const visible = Effect.fnUntraced(function*(user: UserId, id: CallId) {
        const remembered = Option.filter(yield* steps.recall(id), (call) => isVisibleTo(call, user))
        const call = Option.isSome(remembered) ? remembered : yield* steps.reload(id)
        if (Option.isNone(call) || !isVisibleTo(call.value, user)) return yield* new CallNotFound({ callId: id })
        return call.value
      })

      /** A user who was never invited finds no call here, unless the policy lets the user join. */
      const findable = Effect.fnUntraced(
        function*(actor: Actor, id: CallId, request: CallRequest, call: Call | undefined) {
          if (call === undefined) return yield* new CallNotFound({ callId: id })
          if (isVisibleTo(call, actor.userId)) return call
          if (request._tag === "Join" && (yield* policy.mayJoin(call, actor.userId))) return call
          return yield* new CallNotFound({ callId: id })
        }
      )

      const lift = Effect.fnUntraced(function*(call: Call) {
        const { plan } = yield* facts.plan(call)
        yield* steps.take(call.id, () => Effect.succeed({ command: { _tag: "RaiseLimits", plan } }))
      })

      const raiseLimits = Effect.fn("Calls.raiseLimits")(function*(initiator: UserId) {
        const open = yield* repository.openCallsOf(initiator)
        const ids = new Set(yield* directory.aliases(initiator))
        yield* Effect.forEach(open.filter((call) => ids.has(call.initiatorId)), (call) => Effect.ignore(lift(call)), {
          discard: true
        })
      })

      const execute = Effect.fn("Calls.execute")(function*(
        actor: Actor,
        id: CallId,
        request: CallRequest
      ): Effect.fn.Return<Call, RequestRefusal<CallRequest["_tag"]>> {
        const prepare = yield* requests.check(actor, request)
        const remembered = yield* steps.recall(id)
        if (Option.isSome(remembered)) yield* connections.renew(actor, remembered.value)
        const found = (call: Call | undefined) => Effect.flatMap(findable(actor, id, request, call), prepare)
        const { call, records } = yield* connections.enter(
          actor,
          id,
          (options) => steps.take(id, found, { ...options, admit: countRung(ringLimit) })
        ).pipe(
          Effect.catchTag("AppendConflict", () => Effect.fail(new CallContended({ callId: id })))
        )
        yield* elsewhere.leave(id, records)
        return actor.connection === undefined ? call : yield* connections.renew(actor, call)
      })

      const placedBefore = Effect.fnUntraced(function*(id: CallId) {
        return { call: yield* Effect.orDie(Effect.flatMap(repository.load(id), Effect.fromOption)), created: false }
      })

      const initiate = Effect.fn("Calls.initiate")(
        function*(actor: Actor, call: NewCall, key?: string) {
          const at = yield* time.now
          const asked = { userId: actor.userId, operation: "call.initiate", key, content: contentOf(call), at }
          // Runs once for all attempts, and not for a call that was placed before with the same key.
          const admitted = yield* Effect.cached(ringLimit.admit(actor.userId, call.participants))
          const admit = countRung(ringLimit)
          const placeOnce = once(
            asked,
            CallId,
            placedBefore,
            (request) => Effect.andThen(admitted, place(actor, call, admit, request))
          )
          // The callee's own call may start and end meanwhile.
          return yield* resolveRaces(placeOnce, isConflict, () => new CallContended({}))
        }
      )

      const get = Effect.fn("Calls.get")(function*(actor: Actor, id: CallId) {
        return yield* connections.renew(actor, yield* visible(actor.userId, id))
      })

      const deliveries = Effect.fn("Calls.deliveries")(function*(actor: Actor, id: CallId, after: number) {
        yield* get(actor, id)
        const call = yield* steps.reload(id)
        if (Option.isNone(call)) return yield* new CallNotFound({ callId: id })
        return { call: call.value, deliveries: yield* repository.deliveries(id, actor.userId, after) }
      })

      const endByAdmin = Effect.fn("Calls.endByAdmin")(function*(id: CallId) {
        const { call } = yield* steps.take(id, () => Effect.succeed({ command: { _tag: "End" } })).pipe(
          Effect.catchIf(
            (error) => error._tag !== "CallNotFound" && error._tag !== "CallContended",
            (error) => Effect.die(error)
          )
        )
        return call
      })

      const history = Effect.fn("Calls.history")(function*(
        user: UserId,
        filter: HistoryFilter,
        page: { readonly after?: HistoryCursor | undefined; readonly limit: number }
      ) {
        const ids = yield* directory.aliases(user)
        const calls = yield* repository.history(ids, filter, page)
        return calls.map((call) => ({ call, self: ids.find((id) => isVisibleTo(call, id)) ?? user }))
      })

      return Calls.of({
        initiate,
        // Each request has its own checks, facts and rules in the table of `CallRequests.ts`, and so its own refusals.
        execute: execute as Calls["Service"]["execute"],
        get,
        deliveries,
        endByAdmin,
        raiseLimits,
        openCallsOf: repository.openCallsOf,
        history
      })
    })
  ).pipe(Layer.provide(CallsElsewhere.layer))
}

const contentOf = ({ groupId, participants, type }: NewCall) => [type, participants.toSorted(), groupId ?? null]

const isConflict = (error: unknown): error is AppendConflict => error instanceof AppendConflict
