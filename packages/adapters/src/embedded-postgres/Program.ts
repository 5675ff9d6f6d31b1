/**
 * Runs PostgreSQL's programs as the right user, line by line.
 *
 * Effect's ChildProcess cannot switch to another user, so this one uses Node's spawn.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Array, Deferred, Effect, Option, Stream } from "effect"
import { type ChildProcess, spawn as nodeSpawn } from "node:child_process"
import type { Readable } from "node:stream"
import type { PostgresUser } from "./PostgresUser.ts"

export interface Program {
  /** Does nothing once the program has ended, when its pid may belong to another. */
  signal(name: NodeJS.Signals): Effect.Effect<void>
  /** A description of the end of the program. */
  readonly ended: Effect.Effect<string>
  /** The last lines of the output. */
  readonly output: Effect.Effect<ReadonlyArray<string>>
  /** Waits until the whole output was read, after the end of the program. */
  readonly drained: Effect.Effect<void>
}

/** The environment of the programs, without the PG* variables and the language of the caller. */
const environment = () => ({ PATH: process.env["PATH"] ?? "", LC_ALL: "C" })

const keptLines = 50

const linesOf = (readable: Readable | null) =>
  readable === null
    ? Stream.empty
    : NodeStream.fromReadable({ evaluate: () => readable, onError: () => "unreadable" as const }).pipe(
      Stream.decodeText(),
      Stream.splitLines
    )

/**
 * Starts a program in a process group of its own, so that a Ctrl-C in the terminal reaches this process only, which
 * then stops it in order. The caller sees to its end.
 */
export const spawn = Effect.fn("Program.spawn")(function*(
  command: string,
  args: ReadonlyArray<string>,
  options: {
    readonly user: PostgresUser
    readonly onLine: (line: string) => Effect.Effect<void>
  }
) {
  const end = yield* Deferred.make<string>()
  const child: ChildProcess = yield* Effect.sync(() => {
    const child = nodeSpawn(command, args, {
      ...Option.getOrUndefined(options.user.switchTo),
      cwd: "/",
      env: environment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })
    child.once("error", (error) => Deferred.doneUnsafe(end, Effect.succeed(error.message)))
    child.once(
      "exit",
      (code, signal) =>
        Deferred.doneUnsafe(end, Effect.succeed(signal === null ? `exit code ${code}` : `signal ${signal}`))
    )
    return child
  })
  let kept: ReadonlyArray<string> = []
  const drained = yield* Deferred.make<void>()
  yield* Stream.merge(linesOf(child.stdout), linesOf(child.stderr)).pipe(
    Stream.runForEach((line) => {
      kept = Array.takeRight([...kept, line], keptLines)
      return options.onLine(line)
    }),
    Effect.ignore,
    Effect.ensuring(Deferred.succeed(drained, undefined)),
    Effect.forkDetach
  )
  return {
    signal: (name) => Effect.sync(() => void child.kill(name)),
    ended: Deferred.await(end),
    output: Effect.sync(() => kept),
    drained: Effect.ignore(Effect.timeout(Deferred.await(drained), "2 seconds"))
  } satisfies Program
})
