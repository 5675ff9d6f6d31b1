/**
 * A real Ethereum node for one scope: anvil, from npm, on a port of its own.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Deferred, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createTestClient, type Hex, http, publicActions, walletActions } from "viem"
import { encodeFunctionData, serializeErc6492Signature } from "viem/utils"
import { contract, type ContractName } from "./Contracts.ts"

/** A wallet whose address is known although nothing is deployed there. */
export interface FutureWallet {
  readonly address: WalletAddress
  readonly factory: WalletAddress
  /** The call of the factory that deploys it. */
  readonly deployment: Hex
  /** Around a signature, how to deploy the wallet first (EIP-6492). */
  wrap(signature: Hex): Hex
}

export interface Anvil {
  readonly url: string
  readonly chainId: ChainId
  deploy(name: ContractName, ...args: ReadonlyArray<unknown>): Effect.Effect<WalletAddress>
  /** An EIP-1271 wallet that accepts this owner's signatures. */
  deployWallet(owner: Hex): Effect.Effect<WalletAddress>
  /** The same wallet before it is deployed, one for each salt. */
  futureWallet(owner: Hex, salt: Hex): Effect.Effect<FutureWallet>
  /** Sends a transaction and waits until it is in a block. */
  send(to: WalletAddress, data: Hex): Effect.Effect<void>
  code(address: WalletAddress): Effect.Effect<Hex>
  setCode(address: WalletAddress, code: Hex): Effect.Effect<void>
}

/** Both packages name the processor in Go's words. */
const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" }

/** The program, from the package of this platform. Nothing where npm has left it out. */
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

/** Where there is no anvil, suites that need it are left out, unless the run has to be complete. */
export const isLeftOut = program === undefined && process.env["DCHAT_REQUIRE"] !== "all"

/** Starts the program and waits for the port that it was given. */
const spawn = Effect.fnUntraced(
  function*(chainId: number) {
    if (program === undefined) return yield* Effect.die(new Error("npm has not installed anvil for this platform"))
    const { all } = yield* ChildProcess.make(program, ["--port", "0", "--chain-id", `${chainId}`])
    const listening = yield* Deferred.make<string, Error>()
    const lines: Array<string> = []
    yield* all.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach((line) => {
        lines.push(line)
        const address = /^Listening on (\S+)$/.exec(line)?.[1]
        return address === undefined ? Effect.void : Deferred.succeed(listening, `http://${address}`)
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

const walletAddress = (address: Hex): WalletAddress => WalletAddress.make(address.toLowerCase())
const hex = (address: WalletAddress): Hex => `0x${address.slice(2)}`

/** An empty chain; stops with the scope. */
export const start = Effect.fnUntraced(function*(options: { readonly chainId: number }) {
  const url = yield* spawn(options.chainId)
  // The compiler takes a second, which is better spent here than within a test's time.
  yield* Effect.sync(() => contract("OwnedWallet"))
  const client = createTestClient({ mode: "anvil", transport: http(url), pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions)
  const [account] = yield* Effect.promise(() => client.getAddresses())
  if (account === undefined) return yield* Effect.die(new Error("anvil has no account"))
  const sender = { account, chain: null }

  const deploy: Anvil["deploy"] = (name, ...args) =>
    Effect.promise(async () => {
      const hash = await client.deployContract({ ...contract(name), ...sender, args })
      const { contractAddress } = await client.waitForTransactionReceipt({ hash })
      if (!contractAddress) throw new Error(`${name} was not deployed`)
      return walletAddress(contractAddress)
    })
  const factory = yield* Effect.cached(deploy("WalletFactory"))

  const anvil: Anvil = {
    url,
    chainId: ChainId.make(options.chainId),
    deploy,
    deployWallet: (owner) => deploy("OwnedWallet", owner),
    futureWallet: Effect.fnUntraced(function*(owner, salt) {
      const from = yield* factory
      const deployment = encodeFunctionData({
        abi: contract("WalletFactory").abi,
        functionName: "deploy",
        args: [owner, salt]
      })
      const { data: address } = yield* Effect.promise(() => client.call({ to: hex(from), data: deployment }))
      return {
        address: walletAddress(`0x${address?.slice(-40)}`),
        factory: from,
        deployment,
        wrap: (signature) => serializeErc6492Signature({ address: hex(from), data: deployment, signature })
      }
    }),
    send: (to, data) =>
      Effect.promise(async () => {
        const hash = await client.sendTransaction({ ...sender, to: hex(to), data })
        await client.waitForTransactionReceipt({ hash })
      }),
    code: (address) => Effect.promise(async () => (await client.getCode({ address: hex(address) })) ?? "0x"),
    setCode: (address, code) => Effect.promise(() => client.setCode({ address: hex(address), bytecode: code }))
  }
  return anvil
})
