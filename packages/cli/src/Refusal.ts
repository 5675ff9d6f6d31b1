/**
 * How a command says that it did nothing: in one line on standard error, and by the exit code.
 */
import { Console, Effect } from "effect"

export const refuse = (line: string) =>
  Effect.andThen(
    Console.error(line),
    Effect.sync(() => {
      process.exitCode = 1
    })
  )
