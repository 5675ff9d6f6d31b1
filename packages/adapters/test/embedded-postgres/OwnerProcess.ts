/**
 * Starts `owner.ts` and follows it.
 */
import { Deferred, Effect } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface OwnerProcess {
  readonly pid: number
  /** The first line that it says: "running", or why it is not. */
  readonly firstWord: Effect.Effect<string>
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Effect.Effect<void>
}

/** An owner of `directory` that writes `mark` to its database, as the user `uid` if given; stopped with the scope. */
export const start = (directory: string, mark = "", uid?: number) =>
  Effect.acquireRelease(
    Effect.sync((): OwnerProcess => {
      const child = spawn(
        process.execPath,
        ["--conditions=@dchat/source", fileURLToPath(new URL("owner.ts", import.meta.url)), directory, mark],
        { stdio: ["ignore", "pipe", "inherit"], ...(uid === undefined ? {} : { uid }) }
      )
      const firstWord = Deferred.makeUnsafe<string>()
      const ended = Deferred.makeUnsafe<void>()
      createInterface(child.stdout).once("line", (line) => Deferred.doneUnsafe(firstWord, Effect.succeed(line)))
      child.once("exit", () => {
        Deferred.doneUnsafe(ended, Effect.void)
        Deferred.doneUnsafe(firstWord, Effect.succeed("ended"))
      })
      return {
        pid: child.pid ?? 0,
        firstWord: Deferred.await(firstWord),
        kill: (signal) => Effect.andThen(Effect.sync(() => child.kill(signal)), Deferred.await(ended))
      }
    }),
    (owner) => owner.kill("SIGTERM")
  )
