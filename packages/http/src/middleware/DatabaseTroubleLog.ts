/**
 * Limits the log lines about a failing database to one line a second, instead of a stack trace for every request, frame
 * and loop.
 */
import { Cause, Clock, Logger } from "effect"
import { troubleIn, troubleOf } from "./DatabaseTrouble.ts"

/** In milliseconds. */
const pause = 1000

const linesOf = (message: unknown): ReadonlyArray<unknown> => Array.isArray(message) ? message : [message]

/** The same logger, but for trouble of the database. */
export const withoutRepeating = (logger: Logger.Logger<unknown, void>): Logger.Logger<unknown, void> => {
  let lastAt = Number.NEGATIVE_INFINITY
  let left = 0
  return Logger.make((entry) => {
    const said = linesOf(entry.message)
    const trouble = troubleOf(entry.cause) ?? said.map(troubleIn).find((found) => found !== undefined)
    if (trouble === undefined) return logger.log(entry)
    const now = entry.fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    // A clock that was set back silences nothing.
    if (Math.abs(now - lastAt) < pause) {
      left += 1
      return
    }
    const others = left === 0 ? "" : ` (and ${left} times more since the last such line)`
    lastAt = now
    left = 0
    const what = said.filter((part) => typeof part === "string").join(" ")
    logger.log({
      ...entry,
      cause: Cause.empty,
      message: [`${what}: ${trouble.error._tag}: ${trouble.detail}${others}`]
    })
  })
}

/** Replaces the default logger. */
export const layer = Logger.layer([withoutRepeating(Logger.defaultLogger)])
