/**
 * Decides and stores the steps of calls. Quick commands that wait for the same call are decided together, and the steps
 * of many calls are stored by one append. The loop of a lane is plain code around the append: see decision 0015.
 */
import { Array, Cause, Clock, Context, Effect, Exit, Latch, Layer } from "effect"
import { delayAfter, maxAttempts } from "../decision/Races.ts"
import { CallMailboxes, type QuickCommand, type QuickOutcome } from "./CallMailboxes.ts"
import { CallTime } from "./CallTime.ts"
import { CallContended } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { Signal } from "./model/Signal.ts"
import { CallBus } from "./ports/CallBus.ts"
import { type AppendConflict, type CallAppend, CallRepository } from "./ports/CallRepository.ts"
import { type DecidedTogether, decideTogether, keptSeqs, signalsOfAll } from "./QuickDecisions.ts"
import { RememberedCalls } from "./RememberedCalls.ts"

/** A call always uses the same lane, so that its steps are stored in order while the appends of two lanes overlap. */
const laneCount = 2

/** Maximum number of calls in one append. */
const callsInAppend = 64

/** Maximum number of quick commands of one call in one append. */
const commandsInAppend = 64

/** A step that was decided in a turn of its call, and waits to be stored. */
interface WaitingAppend {
  readonly since: number
  readonly step: CallAppend
  readonly done: (exit: Exit.Exit<void, AppendConflict>) => void
}

/** The waiting commands of a share of the calls, the oldest first. `since` is in milliseconds of the monotonic clock. */
interface Lane {
  readonly latch: Latch.Latch
  /** Calls whose quick commands are decided with the next append, on the stored state if `isStale`. */
  readonly ready: Map<CallId, { readonly since: number; readonly isStale: boolean }>
  readonly appends: Array<WaitingAppend>
}

const oldestIn = ({ appends: [append], ready }: Lane): number => {
  const [call] = ready.values()
  return Math.min(append?.since ?? Infinity, call?.since ?? Infinity)
}

const appendOf = (
  { after, before, prepared, records }: DecidedTogether,
  kept: ReadonlyMap<number, Signal>
): CallAppend => ({
  before,
  call: after,
  records: records as CallAppend["records"],
  signals: signalsOfAll(prepared, kept)
})

/** The work of a host on calls. A call that rings or is established has no work until its next command. */
export interface CallWork {
  /** The number of calls with a command that waits or is carried out. */
  readonly calls: number
  /** The number of commands that were begun since the start of the host. */
  readonly commands: number
  /** Milliseconds for which the oldest command waits to be decided or stored. */
  readonly oldestWait: number
}

export class CallEngine extends Context.Service<CallEngine, {
  readonly remembered: RememberedCalls
  /** Runs an effect while the call has no other turn and none of its quick commands is being stored. */
  inTurn<A, E, R>(id: CallId, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** Stores a step that was decided in a turn of its call, and publishes the step. */
  append(step: CallAppend): Effect.Effect<void, AppendConflict>
  /** The signals that the events of a decision have kept until now, by the number of the keeping event. */
  keptSignals(id: CallId, seqs: ReadonlyArray<number>): Effect.Effect<ReadonlyMap<number, Signal>>
  /**
   * Adds a quick command to the mailbox of its call. The outcome follows after the events are stored and published.
   */
  submit(id: CallId, command: Omit<QuickCommand, "attempt">): void
  work(): CallWork
}>()("@dchat/domain/call/CallEngine") {
  static readonly layer = Layer.effect(
    CallEngine,
    Effect.gen(function*() {
      const repository = yield* CallRepository
      const bus = yield* CallBus
      const time = yield* CallTime
      const scope = yield* Effect.scope
      const remembered = new RememberedCalls()
      const lanes = Array.makeBy(laneCount, (): Lane => ({ latch: Latch.makeUnsafe(), ready: new Map(), appends: [] }))
      const clock = yield* Clock.Clock
      const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
      const laneOf = (id: CallId): Lane => lanes[id.charCodeAt(id.length - 1) % laneCount] as Lane
      const makeReady = (id: CallId, isStale: boolean) => {
        const lane = laneOf(id)
        lane.ready.set(id, { since: lane.ready.get(id)?.since ?? now(), isStale })
        lane.latch.openUnsafe()
      }
      const mailboxes = new CallMailboxes((id) => makeReady(id, false))

      const keptSignals = (id: CallId, seqs: ReadonlyArray<number>) =>
        Array.isReadonlyArrayNonEmpty(seqs)
          ? repository.signals(id, seqs)
          : Effect.succeed<ReadonlyMap<number, Signal>>(new Map())

      /** Gives quick commands to the mailbox again, to be decided on the stored state. */
      const decideAgain = (id: CallId, commands: ReadonlyArray<QuickCommand>) => {
        remembered.forget(id)
        mailboxes.release(id, commands)
        if (laneOf(id).ready.has(id)) makeReady(id, true)
      }

      /** Decides again after a delay. The other commands of the call wait as well. */
      const decideLater = (id: CallId, commands: ReadonlyArray<QuickCommand>, lost: number) =>
        delayAfter(lost).pipe(
          Effect.flatMap(Effect.sleep),
          Effect.andThen(Effect.sync(() => decideAgain(id, commands))),
          Effect.forkIn(scope)
        )

      const raced = (id: CallId, commands: ReadonlyArray<QuickCommand>) => {
        const again: Array<QuickCommand> = []
        for (const command of commands) {
          command.attempt += 1
          if (command.attempt <= maxAttempts) again.push(command)
          else command.done({ _tag: "Refused", refusal: new CallContended({ callId: id }) })
        }
        return decideLater(id, again, Math.max(1, ...again.map(({ attempt }) => attempt)))
      }

      const finish = (id: CallId, commands: ReadonlyArray<QuickCommand>, outcome: QuickOutcome) => {
        for (const { done } of commands) done(outcome)
        mailboxes.release(id)
      }

      /** Only another version or another active user stands in the way of quick commands. */
      const refuse = ({ answers, before: { id } }: DecidedTogether, cause: Cause.Cause<AppendConflict>) => {
        const commands = answers.map(({ command }) => command)
        if (Cause.hasFails(cause)) return raced(id, commands)
        return Effect.sync(() => finish(id, commands, { _tag: "Failed", cause: cause as Cause.Cause<never> }))
      }

      /** The quick commands of the calls that are ready, decided on the newest state that the host knows. */
      const decideReady = Effect.fnUntraced(function*(lane: Lane) {
        const ready = [...lane.ready].slice(0, callsInAppend)
        const missing: Array<CallId> = []
        for (const [id, { isStale }] of ready) {
          lane.ready.delete(id)
          if (isStale || remembered.get(id) === undefined) missing.push(id)
        }
        const loaded = yield* Effect.exit(missing.length === 0 ? Effect.succeed([]) : repository.loadAll(missing))
        for (const call of Exit.isSuccess(loaded) ? loaded.value : []) remembered.set(call)
        const fresh = new Set(missing)
        const at = yield* time.now
        const decided: Array<DecidedTogether> = []
        for (const [id] of ready) {
          const commands = mailboxes.takeQuick(id, commandsInAppend)
          const call = remembered.get(id)
          if (commands.length === 0) continue
          if (Exit.isFailure(loaded) && fresh.has(id)) {
            finish(id, commands, { _tag: "Failed", cause: loaded.cause })
            continue
          }
          if (call === undefined) {
            finish(id, commands, { _tag: "Unsuited" })
            continue
          }
          const together = decideTogether(call, commands, at)
          if (together.records.length > 0) decided.push(together)
          else if (fresh.has(id)) settle(together)
          else decideAgain(id, together.answers.map(({ command }) => command))
        }
        return decided
      })

      const settle = ({ answers, before }: DecidedTogether) => {
        for (const { command, outcome } of answers) command.done(outcome)
        mailboxes.release(before.id)
      }

      const appendsOf = (decided: ReadonlyArray<DecidedTogether>) =>
        Effect.forEach(
          decided,
          (together) =>
            Effect.map(keptSignals(together.before.id, keptSeqs(together.records)), (kept) => appendOf(together, kept))
        )

      const publish = ({ call, records, signals }: CallAppend) => {
        remembered.set(call)
        return bus.publish({ call, records, signals })
      }

      /** One round of a lane: decides what is ready, stores all of it, and tells everybody. */
      const round = Effect.fnUntraced(function*(lane: Lane) {
        lane.latch.closeUnsafe()
        const decided = yield* decideReady(lane)
        const waiting = lane.appends.splice(0, callsInAppend)
        if (lane.ready.size + lane.appends.length > 0) lane.latch.openUnsafe()
        const exit = yield* Effect.exit(Effect.gen(function*() {
          const steps = [...yield* appendsOf(decided), ...waiting.map(({ step }) => step)]
          return Array.isReadonlyArrayNonEmpty(steps)
            ? { steps, verdicts: yield* repository.append(steps) }
            : { steps: [], verdicts: [] }
        }))
        if (Exit.isFailure(exit)) {
          for (const { answers, before } of decided) {
            finish(before.id, answers.map(({ command }) => command), { _tag: "Failed", cause: exit.cause })
          }
          for (const { done } of waiting) done(exit)
          return
        }
        const { steps, verdicts } = exit.value
        for (const [index, step] of steps.entries()) {
          const verdict = verdicts[index] ?? Exit.die(new Error("an append without an outcome"))
          const together = decided[index]
          if (Exit.isSuccess(verdict)) yield* publish(step)
          if (together === undefined) waiting[index - decided.length]?.done(verdict)
          else if (Exit.isSuccess(verdict)) settle(together)
          else yield* refuse(together, verdict.cause)
        }
      })

      for (const lane of lanes) {
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            for (const { done } of lane.appends) done(Exit.interrupt())
          })
        )
        yield* lane.latch.await.pipe(
          Effect.andThen(Effect.uninterruptible(round(lane))),
          Effect.catchCause((cause) =>
            Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logError("a round of calls failed", cause)
          ),
          Effect.forever,
          Effect.forkScoped
        )
      }

      const turn = (id: CallId) =>
        Effect.callback<void>((resume) => {
          const giveUp = mailboxes.addTurn(id, () => resume(Effect.void))
          return Effect.sync(giveUp)
        })

      return CallEngine.of({
        remembered,
        keptSignals,
        inTurn: (id, effect) =>
          Effect.acquireUseRelease(
            Effect.interruptible(turn(id)),
            () => effect,
            () => Effect.sync(() => mailboxes.release(id))
          ),
        append: (step) =>
          Effect.uninterruptible(Effect.callback((resume) => {
            const lane = laneOf(step.call.id)
            lane.appends.push({ since: now(), step, done: resume })
            lane.latch.openUnsafe()
          })),
        submit: (id, command) => {
          if (!mailboxes.addQuick(id, { ...command, attempt: 0 })) command.done({ _tag: "Overloaded" })
        },
        work: () => ({
          calls: mailboxes.calls,
          commands: mailboxes.begun,
          oldestWait: Math.max(0, now() - Math.min(...lanes.map(oldestIn)))
        })
      })
    })
  )
}
