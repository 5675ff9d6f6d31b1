/**
 * The command line in the process of the test: the words, the environment, the output and the exit code are those that a
 * process would have.
 */
import { ConfigProvider, Console, Effect, Exit, Fiber, Runtime } from "effect"
import { format } from "node:util"
import { dchat as program } from "../../src/Dchat.ts"
import { ExitCode } from "../../src/Refusal.ts"

export type Environment = Readonly<Record<string, string>>

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The exit code that a process has after this. */
const codeAfter = (exit: Exit.Exit<unknown, unknown>) =>
  new Promise<number>((done) => Runtime.defaultTeardown(exit, done))

/** Starts a command that waits for something. */
export const startDchat = (environment: Environment, ...words: ReadonlyArray<string>) => {
  let [stdout, stderr, refused] = ["", "", 0]
  let wrote = Promise.withResolvers<void>()
  const write = (text: string) => {
    stdout += text
    wrote.resolve()
    wrote = Promise.withResolvers()
  }
  const line = (parts: ReadonlyArray<unknown>) => `${format(...parts)}\n`
  const console: Console.Console = Object.assign(Object.create(globalThis.console), {
    log: (...parts: ReadonlyArray<unknown>) => write(line(parts)),
    error: (...parts: ReadonlyArray<unknown>) => stderr += line(parts)
  })
  const fiber = Effect.runFork(
    program(words).pipe(
      Effect.provideService(Console.Console, console),
      Effect.provideService(ExitCode, (code) => refused = code),
      Effect.provide(
        ConfigProvider.layer(ConfigProvider.fromEnv({ env: { PATH: process.env["PATH"] ?? "", ...environment } }))
      )
    )
  )
  const ended = Effect.runPromise(Fiber.await(fiber)).then(async (exit): Promise<Ended> => ({
    code: Exit.isSuccess(exit) ? refused : await codeAfter(exit),
    stdout,
    stderr
  }))
  /** The first match in what it has written; fails when it ends without. */
  const written = async (pattern: RegExp): Promise<string> => {
    for (let found = pattern.exec(stdout);; found = pattern.exec(stdout)) {
      if (found !== null) return found[0]
      await Promise.race([
        wrote.promise,
        ended.then((end) => Promise.reject(new Error(`ended with ${end.code}: ${end.stdout}${end.stderr}`)))
      ])
    }
  }
  return { ended, written }
}

/** Runs a command. */
export const dchat = (environment: Environment, ...words: ReadonlyArray<string>): Promise<Ended> =>
  startDchat(environment, ...words).ended
