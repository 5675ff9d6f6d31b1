/**
 * The log of a test.
 */
import { Effect, Logger } from "effect"

/** Runs a test and returns its log lines of the levels warning and error. */
export const logged = Effect.fnUntraced(function*<A, E, R>(test: Effect.Effect<A, E, R>) {
  const errors: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel === "Error" || logLevel === "Warn") errors.push(String(message))
  })
  yield* test.pipe(Effect.provide(Logger.layer([logger])))
  return errors
})
