/**
 * A simulated chain on loopback: an anvil with contracts, and with control of blocks, time and reorganisations.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import type { Address, Chain, Hash, Hex, LocalAccount } from "viem"
import * as Anvil from "./Anvil.ts"
import { wallets } from "./artefacts/wallets.ts"
import * as Client from "./Client.ts"
import * as Fixtures from "./Fixtures.ts"
import * as Mining from "./Mining.ts"
import * as Transactions from "./Transactions.ts"

export interface Options extends Anvil.Options {
  /** `each-transaction` by default. */
  readonly mining?: Mining.Mode
}

type Token = { readonly address: Address }

export interface ChainDouble extends Omit<Mining.Mining, "current">, Transactions.Transactions {
  readonly url: string
  readonly chainId: number
  /** The description of the chain for viem. */
  readonly chain: Chain
  /** Ten accounts with 10,000 ether each. The first account deployed the contracts. */
  readonly accounts: ReadonlyArray<LocalAccount>
  /** A viem client with the public, wallet and test actions. */
  readonly client: Client.Client
  readonly contracts: Fixtures.Fixtures
  /** Mints a token for an account, and waits for the block. The amount is in the smallest unit of the token. */
  mint(token: Token, to: Address, amount: bigint): Effect.Effect<void>
  /** Sends an ERC-20 transfer. */
  transfer(token: Token, from: LocalAccount, to: Address, amount: bigint): Effect.Effect<Hash>
  /** Sends the native currency; the amount is in wei. */
  transferNative(from: LocalAccount, to: Address, amount: bigint): Effect.Effect<Hash>
  /** Approves a spender of an ERC-20 token. */
  approve(token: Token, from: LocalAccount, spender: Address, amount: bigint): Effect.Effect<Hash>
  /** Sends a payment to the router. The router needs an allowance of the payer. */
  pay(
    payment: {
      readonly token: Token
      readonly from: LocalAccount
      readonly recipient: Address
      readonly amount: bigint
      readonly reference: Hex
    }
  ): Effect.Effect<Hash>
  /** Sends a payment of the native currency to the router; the amount is in wei. */
  payNative(
    payment: Omit<Parameters<ChainDouble["pay"]>[0], "token">
  ): Effect.Effect<Hash>
  /** Deploys a contract wallet of this owner, which the entry point can call. */
  deploySmartWallet(
    owner: Address
  ): Effect.Effect<Transactions.Deployed<typeof wallets.contracts.SmartWallet.abi>>
  /** Has the entry point execute calls of wallets, as a bundler does. */
  bundle(
    bundler: LocalAccount,
    operations: ReadonlyArray<{ readonly sender: Address; readonly callData: Hex }>
  ): Effect.Effect<Hash>
}

/** Starts a chain. The chain stops with the scope. */
export const start = Effect.fnUntraced(function*(
  { mining: mode = "each-transaction", ...options }: Options = {}
): Effect.fn.Return<ChainDouble, never, Scope.Scope> {
  const url = yield* Anvil.start(options)
  const chainId = options.chainId ?? 31_337
  const chain = Client.describeChain(chainId, url)
  const client = Client.make(chain, url)
  const { accounts } = Client
  const [deployer] = accounts
  if (deployer === undefined) return yield* Effect.die(new Error("A chain has accounts"))
  const mining = Mining.make(client)
  const transactions = Transactions.make(client, mining, deployer)
  const { include, send, write } = transactions
  const contracts = yield* Fixtures.deploy(client, mining, transactions, deployer)
  yield* mining.setMode(mode)
  const { abi } = contracts.dai
  const { current: _, ...controls } = mining

  return {
    url,
    chainId,
    chain,
    accounts,
    client,
    contracts,
    ...controls,
    ...transactions,
    mint: ({ address }, to, amount) =>
      Effect.asVoid(Effect.flatMap(write(deployer, { address, abi }, "mint", [to, amount]), include)),
    transfer: ({ address }, from, to, amount) => write(from, { address, abi }, "transfer", [to, amount]),
    transferNative: (from, to, value) => send({ from, to, value }),
    approve: ({ address }, from, spender, amount) => write(from, { address, abi }, "approve", [spender, amount]),
    pay: ({ amount, from, recipient, reference, token }) =>
      write(from, contracts.router, "pay", [token.address, recipient, amount, reference]),
    payNative: ({ amount, from, recipient, reference }) =>
      write(from, contracts.router, "payNative", [recipient, reference], { value: amount }),
    deploySmartWallet: (owner) =>
      transactions.deploy(wallets.contracts.SmartWallet, owner, contracts.entryPoint.address),
    bundle: (bundler, operations) => write(bundler, contracts.entryPoint, "handleOps", [operations])
  }
})

/** A simulated chain as a service. */
export class TestChain extends Context.Service<TestChain, ChainDouble>()("@dchat/doubles/chain/TestChain") {
  static readonly layer = (options?: Options) => Layer.effect(TestChain, start(options))
}
