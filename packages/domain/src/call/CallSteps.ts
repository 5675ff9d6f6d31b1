/**
 * Takes a call one step further: load, decide, append at the version of the decision, publish. The repository resolves
 * races; the loser of a race decides again on the newest state.
 */
import { Array, Cause, Context, Effect, Exit, Layer, Option } from "effect"
import { resolveRaces } from "../decision/Races.ts"
import { CallEngine } from "./CallEngine.ts"
import type { Prepared } from "./CallFacts.ts"
import { CallTime } from "./CallTime.ts"
import { type Call, isOver } from "./model/Call.ts"
import type { CallCommand } from "./model/CallCommand.ts"
import { CallContended, CallNotFound } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import {
  AppendConflict,
  type CallAppend,
  CallRepository,
  type UserActive,
  type VersionConflict
} from "./ports/CallRepository.ts"
import { keptSeqs, signalsOfAll } from "./QuickDecisions.ts"
import { type CallRefusalOf, decide } from "./rules/CallMachine.ts"
import { type CallRecord, record } from "./rules/CallRecord.ts"

/** Options of a step, beside the command. */
export interface StepOptions<E = never> {
  /** The lease to bind or release with the step, given its events. */
  readonly lease?: ((records: ReadonlyArray<CallRecord>) => CallAppend["lease"]) | undefined
  readonly request?: CallAppend["request"]
  /** Whether the id of the call is a new one, so that no call has the id before the step. */
  readonly isNew?: boolean | undefined
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
   * with `AppendConflict` only for conflicts that another decision would not resolve, and with `CallNotFound` if no call
   * exists after the command.
   */
  take<Tag extends CallCommand["_tag"], E, R, Unadmitted = never>(
    id: CallId,
    prepare: (call: Call | undefined) => Effect.Effect<Prepared<Tag>, E, R>,
    options?: StepOptions<Unadmitted>
  ): Effect.Effect<Taken, E | Unadmitted | CallRefusalOf<Tag> | CallNotFound | CallContended | AppendConflict, R>
  /** The remembered call, possibly older than the stored one. */
  readonly peek: (id: CallId) => Call | undefined
  /** Executes a command that is decided by the state of its call alone, without an effect. See `CallEngine`. */
  readonly submit: CallEngine["Service"]["submit"]
  readonly work: CallEngine["Service"]["work"]
}>()("@dchat/domain/call/CallSteps") {
  static readonly layer = Layer.effect(
    CallSteps,
    Effect.gen(function*() {
      const repository = yield* CallRepository
      const time = yield* CallTime
      const engine = yield* CallEngine
      const { remembered } = engine

      const reload = (id: CallId) =>
        Effect.tap(
          repository.load(id),
          Option.match({
            onNone: () => Effect.sync(() => remembered.forget(id)),
            onSome: (call) => Effect.sync(() => remembered.set(call))
          })
        )

      const recall = (id: CallId) =>
        Effect.suspend(() => {
          const call = remembered.get(id)
          return call === undefined ? reload(id) : Effect.succeedSome(call)
        })

      const attempt = Effect.fnUntraced(function*<Tag extends CallCommand["_tag"], E, R, Unadmitted>(
        id: CallId,
        state: Option.Option<Call>,
        prepare: (call: Call | undefined) => Effect.Effect<Prepared<Tag>, E, R>,
        options: StepOptions<Unadmitted>
      ) {
        const before = Option.getOrUndefined(state)
        const prepared = yield* prepare(before)
        const at = yield* time.now
        const events = yield* Effect.fromResult(decide<Tag>(prepared.command, before, at))
        const { call, records } = record(before, events, at)
        if (call === undefined) return yield* new CallNotFound({ callId: id })
        if (!Array.isReadonlyArrayNonEmpty(records)) return { call, changed: false, records }
        if (options.admit !== undefined) yield* options.admit(records)
        yield* engine.append({
          before,
          call,
          records,
          signals: signalsOfAll([[prepared, records]], yield* engine.keptSignals(id, keptSeqs(records))),
          lease: options.lease?.(records),
          request: options.request
        })
        return { call, changed: true, records }
      })

      const take: CallSteps["Service"]["take"] = (id, prepare, options = {}) => {
        const onNewest = Effect.suspend(() =>
          Effect.flatMap(reload(id), (state) => attempt(id, state, prepare, options))
        )
        const onKnown = Effect.gen(function*() {
          const known = Option.fromUndefinedOr(remembered.get(id))
          if (Option.isNone(known) && !options.isNew) return yield* onNewest
          const outcome = yield* Effect.exit(attempt(id, known, prepare, options))
          // After a failure of the store, the step may be stored. Another attempt would refuse what has happened.
          if (Exit.isSuccess(outcome) ? outcome.value.changed : !Cause.hasFails(outcome.cause)) return yield* outcome
          const isCertain = !isRaceIn(outcome) && Option.match(known, { onNone: () => true, onSome: isOver })
          return isCertain ? yield* outcome : yield* onNewest
        })
        return resolveRaces(engine.inTurn(id, onKnown), isRace, () => new CallContended({ callId: id }))
      }

      return CallSteps.of({
        recall,
        reload,
        take,
        submit: engine.submit,
        work: engine.work,
        peek: (id) => remembered.get(id)
      })
    })
  ).pipe(Layer.provide(CallEngine.layer))
}

const isRaceIn = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.findErrorOption(exit.cause).pipe(Option.exists(isRace))

/** Whether another decision on the newest state resolves the error. */
const isRace = (
  error: unknown
): error is AppendConflict & { readonly reason: VersionConflict | UserActive } =>
  error instanceof AppendConflict &&
  (error.reason._tag === "VersionConflict" || error.reason._tag === "UserActive")
