/**
 * Takes a call one step further: load, decide, append at the version of the decision, publish. The repository resolves
 * races; the loser of a race decides again on the newest state.
 */
import { Array, Cache, Context, Duration, Effect, Exit, Layer, Option, RcMap, Schedule, Semaphore } from "effect"
import type { Prepared } from "./CallFacts.ts"
import { CallTime } from "./CallTime.ts"
import type { Call } from "./model/Call.ts"
import { CallContended, type CallRefusal } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { Signal } from "./model/Signal.ts"
import { CallBus } from "./ports/CallBus.ts"
import { AppendConflict, type CallAppend, CallRepository } from "./ports/CallRepository.ts"
import * as CallMachine from "./rules/CallMachine.ts"
import { type CallRecord, record } from "./rules/CallRecord.ts"

/** Maximum number of open or recent calls that a host remembers between commands. */
const rememberedCalls = 4096

/** Maximum attempts of a step that loses races. */
const attempts = 24

/** Options of a step, beside the command. */
export interface StepOptions<E = never> {
  /** The lease to bind or release with the step, given its events. */
  readonly lease?: ((records: ReadonlyArray<CallRecord>) => CallAppend["lease"]) | undefined
  readonly request?: CallAppend["request"]
  /** Runs once the events of the step are certain, and may refuse the step. Runs again on another attempt. */
  readonly admit?: ((records: ReadonlyArray<CallRecord>) => Effect.Effect<void, E>) | undefined
}

/** The call after a step, and the events of the step, if any. */
export interface Taken {
  readonly call: Call
  readonly changed: boolean
  readonly records: ReadonlyArray<CallRecord>
}

export class CallSteps extends Context.Service<CallSteps, {
  /** The current call, possibly from the memory of this host. */
  recall(id: CallId): Effect.Effect<Option.Option<Call>>
  /** The stored call. */
  reload(id: CallId): Effect.Effect<Option.Option<Call>>
  /**
   * Executes the command that `prepare` makes for a given state. `prepare` may run again on a newer state. Returns the
   * call after the command, and the events. A refusal or an empty result is always based on the newest state. Fails
   * with `AppendConflict` only for conflicts that another decision would not resolve.
   */
  take<E, R, Unadmitted = never>(
    id: CallId,
    prepare: (call: Call | undefined) => Effect.Effect<Prepared, E, R>,
    options?: StepOptions<Unadmitted>
  ): Effect.Effect<Taken, E | Unadmitted | CallRefusal | CallContended | AppendConflict, R>
}>()("@dchat/domain/call/CallSteps") {
  static readonly layer = Layer.effect(
    CallSteps,
    Effect.gen(function*() {
      const repository = yield* CallRepository
      const bus = yield* CallBus
      const time = yield* CallTime
      const remembered = yield* Cache.makeWith((id: CallId) => repository.load(id), {
        capacity: rememberedCalls,
        // A failed load is tried again: an unavailable database tells nothing about the call.
        timeToLive: (exit) => Exit.isSuccess(exit) ? Duration.infinity : Duration.zero
      })
      const turns = yield* RcMap.make({ lookup: (_: CallId) => Semaphore.make(1) })

      const reload = (id: CallId) =>
        Effect.tap(repository.load(id), (call) => Option.isSome(call) ? Cache.set(remembered, id, call) : Effect.void)

      const recall = (id: CallId) =>
        Effect.tap(
          Cache.get(remembered, id),
          (call) => Option.isNone(call) ? Cache.invalidate(remembered, id) : Effect.void
        )

      const commit = Effect.fnUntraced(function*(step: CallAppend) {
        yield* repository.append(step)
        yield* Cache.set(remembered, step.call.id, Option.some(step.call))
        yield* bus.publish({ call: step.call, records: step.records, signals: step.signals })
      }, Effect.uninterruptible)

      /** The payloads of candidates that were kept until this step. */
      const keptSignals = (id: CallId, records: ReadonlyArray<CallRecord>) => {
        const seqs = records.flatMap(({ event }) => event._tag === "Candidates" ? event.keptAt ?? [] : [])
        return Array.isReadonlyArrayNonEmpty(seqs)
          ? repository.signals(id, seqs)
          : Effect.succeed<ReadonlyMap<number, Signal>>(new Map())
      }

      const attempt = Effect.fnUntraced(function*<E, R, Unadmitted>(
        id: CallId,
        state: Option.Option<Call>,
        prepare: (call: Call | undefined) => Effect.Effect<Prepared, E, R>,
        options: StepOptions<Unadmitted>
      ) {
        const before = Option.getOrUndefined(state)
        const prepared = yield* prepare(before)
        const at = yield* time.now
        const events = yield* Effect.fromResult(CallMachine.decide(prepared.command, before, at))
        const { call, records } = record(before, events, at)
        if (call === undefined) return yield* Effect.die(new Error("a call without a beginning"))
        if (!Array.isReadonlyArrayNonEmpty(records)) return { call, changed: false, records }
        if (options.admit !== undefined) yield* options.admit(records)
        yield* commit({
          before,
          call,
          records,
          signals: signalsOf(records, prepared, yield* keptSignals(id, records)),
          lease: options.lease?.(records),
          request: options.request
        })
        return { call, changed: true, records }
      })

      const take: CallSteps["Service"]["take"] = (id, prepare, options = {}) => {
        const onNewest = Effect.suspend(() =>
          Effect.flatMap(reload(id), (state) => attempt(id, state, prepare, options))
        )
        const onRemembered = Effect.gen(function*() {
          const known = yield* Cache.getSuccess(remembered, id)
          if (Option.isNone(known)) return yield* onNewest
          const outcome = yield* Effect.exit(attempt(id, known.value, prepare, options))
          return Exit.isSuccess(outcome) && outcome.value.changed ? outcome.value : yield* onNewest
        })
        return inTurn(id, onRemembered).pipe(
          Effect.retry({ while: isRace, times: attempts, schedule: backoff }),
          Effect.catchIf(isRace, () => Effect.fail(new CallContended({ callId: id })))
        )
      }

      const inTurn = <A, E, R>(id: CallId, effect: Effect.Effect<A, E, R>) =>
        Effect.scoped(Effect.flatMap(RcMap.get(turns, id), (turn) => turn.withPermit(effect)))

      return CallSteps.of({ recall, reload, take })
    })
  )
}

const backoff = Schedule.exponential("2 millis", 1.5).pipe(Schedule.jittered)

/** Whether another decision on the newest state resolves the error. */
const isRace = (error: unknown): error is AppendConflict =>
  error instanceof AppendConflict &&
  (error.reason._tag === "VersionConflict" || error.reason._tag === "UserActive")

const signalsOf = (
  records: ReadonlyArray<CallRecord>,
  { candidates, sdp }: Prepared,
  kept: ReadonlyMap<number, Signal>
) =>
  records.flatMap(({ event, seq }): ReadonlyArray<{ readonly seq: number; readonly signal: Signal }> => {
    switch (event._tag) {
      case "Offer":
      case "Answer":
        return sdp === undefined ? [] : [{ seq, signal: { sdp } }]
      case "Candidates":
      case "CandidatesKept": {
        const known = event._tag === "Candidates" && event.keptAt !== undefined ? kept.get(event.keptAt) : undefined
        if (known !== undefined) return [{ seq, signal: known }]
        const sent = event.digests.flatMap((digest) => candidates?.get(digest) ?? [])
        return [{ seq, signal: { candidates: sent, ...(event.endOfCandidates ? { endOfCandidates: true } : {}) } }]
      }
      default:
        return []
    }
  })
