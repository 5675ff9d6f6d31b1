/**
 * Runs anvil, an Ethereum node for tests, from npm.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Deferred, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

export interface Options {
  /** 31337 by default. */
  readonly chainId?: number | undefined
  /** The port on loopback. By default, the system chooses a free port. */
  readonly port?: number | undefined
  /** The timestamp of the first block, in seconds since 1970. By default, the time of the start. */
  readonly genesis?: number | undefined
}

/** Both packages name the processor as Go does. */
const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" }

/** The program, from the package of this platform; undefined if npm has not installed that package. */
const program = (() => {
  try {
    const require = createRequire(import.meta.url)
    const anvil = createRequire(require.resolve("@foundry-rs/anvil/package.json"))
    const manifest = anvil.resolve(
      `@foundry-rs/anvil-${process.platform}-${architectures[process.arch]}/package.json`
    )
    return join(dirname(manifest), "bin", process.platform === "win32" ? "anvil.exe" : "anvil")
  } catch {
    return undefined
  }
})()

/** True if the platform has no anvil and the test run may leave suites out. */
export const isLeftOut = program === undefined && process.env["DCHAT_REQUIRE"] !== "all"

/**
 * Starts anvil, waits until the node listens, and returns the URL. The process ends with the scope.
 *
 * An epoch has one slot, so `safe` is one block and `finalized` two blocks behind the head. A block has its
 * transactions in the order in which the node received them.
 */
export const start = Effect.fnUntraced(
  function*({ chainId = 31_337, genesis, port = 0 }: Options) {
    if (program === undefined) return yield* Effect.die(new Error("npm has not installed anvil for this platform"))
    const { all } = yield* ChildProcess.make(program, [
      "--host=127.0.0.1",
      `--port=${port}`,
      `--chain-id=${chainId}`,
      "--slots-in-an-epoch=1",
      "--order=fifo",
      ...(genesis === undefined ? [] : [`--timestamp=${genesis}`])
    ])
    const listening = yield* Deferred.make<string, Error>()
    const lines: Array<string> = []
    let isListening = false
    yield* all.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach((line) => {
        if (isListening) return Effect.void
        lines.push(line)
        const address = /^Listening on (\S+)$/.exec(line)?.[1]
        if (address === undefined) return Effect.void
        isListening = true
        return Deferred.succeed(listening, `http://${address}`)
      }),
      Effect.ensuring(
        Effect.suspend(() => Deferred.fail(listening, new Error(`anvil has ended:\n${lines.join("\n")}`)))
      ),
      Effect.forkScoped
    )
    return yield* Deferred.await(listening)
  },
  Effect.provide(NodeServices.layer),
  Effect.orDie
)
