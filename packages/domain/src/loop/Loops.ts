/**
 * Work that a host repeats for as long as it lives, watched: a round that takes too long is cut off and begun again, and
 * it can be asked which work is late.
 */
import { Clock, Context, Duration, Effect, Exit, Fiber, Layer, Metric, Option, type Scope } from "effect"

const lateness = Metric.gauge("dchat_loop_late", { description: "1 while the work `loop` of a host is late, else 0" })

export interface Loop {
  /** What is done, as in "sweep calls". */
  readonly name: string
  /** The time between two rounds. */
  readonly every: Duration.Input
  /** The time that a round may take. */
  readonly within: Duration.Input
  /** Whether a host that does not do this in time should get no traffic. */
  readonly isVital: boolean
}

interface Watched {
  readonly loop: Loop
  /** When the last round succeeded, by the monotonic clock, in nanoseconds. */
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

/** The loops of one host. Where nothing provides them, loops run and nobody asks about them. */
export class Loops extends Context.Reference<ReturnType<typeof register>>("@dchat/domain/loop/Loops", {
  defaultValue: register
}) {
  static readonly layer = Layer.sync(Loops, register)
}

/**
 * Runs the work now, and again whenever `every` has passed since it ended. A round that fails is reported, and so is one
 * that is cut off: nothing waits for the end of what does not end. A loop whose rounds keep failing is late as well.
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
