/**
 * Reports that a command did nothing: by one line on standard error, and by the exit code.
 */
import { Console, Context, Effect } from "effect"

/** Sets the exit code: that of the process, unless the caller of the command line keeps it elsewhere. */
export const ExitCode = Context.Reference<(code: number) => void>("@dchat/cli/Refusal/ExitCode", {
  defaultValue: () => (code) => {
    process.exitCode = code
  }
})

export const refuse = (line: string) =>
  Effect.gen(function*() {
    yield* Console.error(line)
    const setExitCode = yield* ExitCode
    setExitCode(1)
  })
