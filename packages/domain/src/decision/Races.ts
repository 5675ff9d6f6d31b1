/**
 * Decides again after a lost race: another step was stored after the state was loaded on which a step was decided.
 */
import { Effect, Random, Schedule } from "effect"

/** Maximum further attempts of a step that loses races, within about eleven seconds. */
export const maxAttempts = 24

/** Maximum milliseconds before another attempt. */
const longestDelay = 1000

/** Milliseconds before another attempt, given the number of lost races: two, growing by half, give or take a fifth. */
export const delayAfter = (lost: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => Math.min(longestDelay, 2 * 1.5 ** (lost - 1)) * (0.8 + 0.4 * random))

/** The delays after the first lost race. */
const backoff = Schedule.recurs(maxAttempts - 1).pipe(Schedule.addDelay(({ attempt }) => delayAfter(attempt + 1)))

/**
 * Repeats an attempt while it loses races. Each attempt has to load the newest state and to decide on that state. Fails
 * with `contended` if the last attempt loses a race too.
 */
export const resolveRaces = <A, E, R, Race, Contended>(
  attempt: Effect.Effect<A, E, R>,
  isRace: (error: unknown) => error is Race,
  contended: () => Contended
): Effect.Effect<A, Exclude<E, Race> | Contended, R> =>
  // A schedule costs as much as many a step, and most steps lose no race.
  attempt.pipe(
    Effect.catchIf(isRace, () =>
      Effect.flatMap(delayAfter(1), (millis) =>
        attempt.pipe(Effect.retry({ while: isRace, schedule: backoff }), Effect.delay(millis)))),
    Effect.mapError((error) =>
      isRace(error) ? contended() : error as Exclude<E, Race>
    )
  )
