/**
 * Runs and watches the repeated work of a host. A round that takes too long is interrupted and started again. The host
 * can be asked which work is late.
 */
import { Clock, Context, Duration, Effect, Exit, Fiber, Layer, Metric, Option, type Scope } from "effect"

const lateness = Metric.gauge("dchat_loop_late", { description: "1 while the work `loop` of a host is late, else 0" })

export interface Loop {
  /** The name of the work, as in "sweep calls". */
  readonly name: string
  /** The time between two rounds. */
  readonly every: Duration.Input
  /** The time that a round may take. */
  readonly within: Duration.Input
  /** Whether a host whose loop is late should get no traffic. */
  readonly isVital: boolean
}

interface Watched {
  readonly loop: Loop
  /** The time at which the last round succeeded, by the monotonic clock, in nanoseconds. */
  succeededAt: bigint
}

const isLate = ({ loop, succeededAt }: Watched, now: bigint): boolean =>
  now - succeededAt > nanosOf(loop.every) + nanosOf(loop.within)

const nanosOf = (duration: Duration.Input) =>
  BigInt(Math.round(Duration.toMillis(Duration.fromInputUnsafe(duration)))) * 1_000_000n

const register = () => {
  const watched = new Set<Watched>()
  return {
    watch: (one: Watched): Effect.Effect<void, never, Scope.Scope> =>
      Effect.asVoid(Effect.acquireRelease(
        Effect.sync(() => watched.add(one)),
        () => Effect.sync(() => watched.delete(one))
      )),
    late: Effect.map(
      Clock.monotonicTimeNanos,
      (now): ReadonlyArray<Loop> => [...watched].flatMap((one) => isLate(one, now) ? [one.loop] : [])
    )
  }
}

/** The loops of one host. Without a provided service, loops run unwatched. */
export class Loops extends Context.Reference<ReturnType<typeof register>>("@dchat/domain/loop/Loops", {
  defaultValue: register
}) {
  static readonly layer = Layer.sync(Loops, register)
}

/**
 * Runs the work now, and again `every` after the end of each round. Reports a round that fails or is interrupted. No
 * work waits for the end of a round that hangs. A loop whose rounds keep failing is late as well.
 */
export const repeat = Effect.fnUntraced(function*<E, R>(loop: Loop, work: Effect.Effect<unknown, E, R>) {
  const { watch } = yield* Loops
  const watched: Watched = { loop, succeededAt: yield* Clock.monotonicTimeNanos }
  yield* watch(watched)
  const late = Metric.withAttributes(lateness, { loop: loop.name })
  const measure = Effect.flatMap(
    Clock.monotonicTimeNanos,
    (now) => Metric.update(late, isLate(watched, now) ? 1 : 0)
  )
  const round = Effect.gen(function*() {
    const fiber = yield* Effect.forkScoped(
      Effect.tapCause(work, (cause) => Effect.logWarning(`could not ${loop.name}`, cause))
    )
    const ended = yield* Effect.timeoutOption(Fiber.await(fiber), loop.within)
    if (Option.isSome(ended)) {
      if (Exit.isSuccess(ended.value)) watched.succeededAt = yield* Clock.monotonicTimeNanos
      return
    }
    fiber.interruptUnsafe()
    yield* Effect.logWarning(`could not ${loop.name} in time; starting again`)
  })
  yield* round.pipe(
    Effect.andThen(measure),
    Effect.andThen(Effect.sleep(loop.every)),
    Effect.forever,
    Effect.forkScoped
  )
})
