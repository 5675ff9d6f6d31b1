/**
 * One of several hosts that carry out the commands of random users on the same calls. A host may crash.
 */
import {
  type Call,
  CallBus,
  type CallCommand,
  CallLeases,
  CallRepository,
  CallSteps,
  CallTime,
  isActive,
  participation
} from "@dchat/domain/call"
import { Cause, Clock, Context, DateTime, Effect, Exit, Layer, Option, Scope } from "effect"
import { type Answer, preparedOf, type Sent } from "./Sent.ts"

type Step = Parameters<CallBus["Service"]["publish"]>[0]

export interface TrialHost {
  readonly name: string
  /** Begins to carry out a command. The answer follows, unless the host crashes. */
  readonly send: (sent: Sent, isQuick: boolean) => void
  /** Answers each command that has no answer as a lost connection does. */
  readonly crash: () => void
  readonly isDead: () => boolean
  readonly stop: Effect.Effect<void>
}

export interface Surroundings {
  readonly name: string
  readonly now: () => DateTime.Utc
  readonly repository: CallRepository["Service"]
  readonly publish: (step: Step) => void
}

/** Users are told of what they do in other calls by facts that the store holds. */
const withFacts = (command: CallCommand, activeIn: Call["id"] | undefined): CallCommand => {
  switch (command._tag) {
    case "Initiate":
    case "Accept":
    case "Join":
    case "Answer": {
      const { activeIn: _, ...facts } = command
      return activeIn === undefined ? facts : { ...facts, activeIn }
    }
    default:
      return command
  }
}

/** Whether the state of the call is enough to decide the command. An answer may also accept the call. */
const isDecidedByState = (command: CallCommand, call: Call): boolean => {
  if (command._tag !== "Answer") return true
  const person = participation(call, command.by)
  return person !== undefined && isActive(person)
}

const answerOf = (exit: Exit.Exit<{ readonly call: Call }, unknown>): Answer => {
  if (Exit.isSuccess(exit)) return { _tag: "Taken", call: exit.value.call }
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause)) as Refusal | undefined
  if (error === undefined) return { _tag: "Unknown", reason: "failure" }
  return lost.has(error._tag) ? { _tag: "Lost", reason: error._tag } : { _tag: "Refused", refusal: error }
}

type Refusal = Extract<Answer, { readonly _tag: "Refused" }>["refusal"]

const lost: ReadonlySet<string> = new Set(["AppendConflict", "CallContended", "CallNotFound"])

/** Every sleep is as short as possible: only the order of events counts. */
const hastyClock = (now: () => number): Clock.Clock => {
  const nanos = () => BigInt(now()) * 1_000_000n
  return {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: () => Effect.yieldNow
  }
}

export const startTrialHost = Effect.fnUntraced(function*({ name, now, publish, repository }: Surroundings) {
  const scope = yield* Scope.make()
  const clock = hastyClock(() => DateTime.toEpochMillis(now()))
  const services = yield* Layer.buildWithScope(Layer.fresh(CallSteps.layer), scope).pipe(
    Effect.provideService(CallRepository, repository),
    Effect.provideService(CallTime, {
      now: Effect.sync(now),
      aheadMillis: Effect.succeed(0),
      follow: () => Effect.void
    }),
    Effect.provideService(CallBus, { ...yield* CallBus, publish: (step) => Effect.sync(() => publish(step)) }),
    Effect.provideService(CallLeases, yield* CallLeases),
    Effect.provideService(Clock.Clock, clock)
  )
  const steps = Context.get(services, CallSteps)
  const run = Effect.runForkWith(Context.add(yield* Effect.context<never>(), Clock.Clock, clock))
  const open = new Set<Sent>()
  let isDead = false

  const answer = (sent: Sent, given: Answer) => {
    if (isDead) return
    open.delete(sent)
    sent.answer = given
  }

  const take = (sent: Sent) => {
    sent.isQuick = false
    const { callId, command } = sent
    const prepare = (call: Call | undefined) =>
      Effect.gen(function*() {
        const users = "by" in command && command.by !== undefined ? [command.by] : []
        const entries = users.length === 0 ? [] : yield* repository.openEntries(users)
        const elsewhere = entries.find(({ callId: id, state }) => state === "active" && id !== callId)
        const prepared = preparedOf(withFacts(command, elsewhere?.callId))
        sent.decided = { command: prepared.command, on: call }
        return prepared
      })
    run(steps.take(callId, prepare)).addObserver((exit) => answer(sent, answerOf(exit)))
  }

  const submit = (sent: Sent) => {
    sent.isQuick = true
    const { callId, command } = sent
    const prepared = preparedOf(command)
    steps.submit(callId, {
      size: 1,
      prepare: (call) => {
        if (!isDecidedByState(command, call)) return undefined
        sent.decided = { command, on: call }
        return prepared
      },
      done: (outcome) => {
        switch (outcome._tag) {
          case "Taken":
            return answer(sent, { _tag: "Taken", call: outcome.call })
          case "Refused":
            return answer(
              sent,
              outcome.refusal._tag === "CallContended"
                ? { _tag: "Lost", reason: outcome.refusal._tag }
                : { _tag: "Refused", refusal: outcome.refusal }
            )
          case "Unsuited":
            return take(sent)
          case "Overloaded":
            return answer(sent, { _tag: "Lost", reason: outcome._tag })
          case "Failed":
            return answer(sent, { _tag: "Unknown", reason: "failure" })
        }
      }
    })
  }

  const host: TrialHost = {
    name,
    isDead: () => isDead,
    send: (sent, isQuick) => {
      open.add(sent)
      if (isQuick) submit(sent)
      else take(sent)
    },
    crash: () => {
      isDead = true
      for (const sent of open) sent.answer = { _tag: "Unknown", reason: "crash" }
      open.clear()
    },
    stop: Scope.close(scope, Exit.void)
  }
  return host
})
