/**
 * A local chain, for tests that are not Effects themselves.
 */
import { ChainDouble, type Dropped } from "@dchat/doubles/chain"
import { Effect, Exit, Scope } from "effect"
import type { Address, Hash, LocalAccount } from "viem"

export interface LocalChain {
  readonly chainId: number
  readonly accounts: ReadonlyArray<LocalAccount>
  readonly usdc: Address
  /** Receives the payments. */
  readonly recipient: Address
  /** The value of `EVM_CHAINS` of a host that accepts payments on this chain. */
  readonly configuration: string
  /** Mines blocks. The chain mines none by itself. */
  readonly mine: (blocks?: number) => Promise<void>
  readonly mintUsdc: (to: Address, amount: bigint) => Promise<void>
  readonly transferUsdc: (from: LocalAccount, amount: bigint) => Promise<Hash>
  readonly send: ChainDouble.ChainDouble["send"] extends (transaction: infer A) => unknown
    ? (transaction: A) => Promise<Hash>
    : never
  /** Replaces the newest blocks by empty ones. */
  readonly reorg: (depth: number) => Promise<ReadonlyArray<Dropped>>
  readonly sendAgain: (transactions: ReadonlyArray<Dropped>) => Promise<void>
  readonly stop: () => Promise<void>
}

const run = <A>(effect: Effect.Effect<A>): Promise<A> => Effect.runPromise(effect)

export const startChain = async (): Promise<LocalChain> => {
  const scope = Scope.makeUnsafe()
  const chain = await run(Scope.provide(ChainDouble.start({ mining: "on-demand" }), scope))
  const { accounts, chainId, contracts, url } = chain
  const { address: recipient } = accounts[0] ?? { address: "0x" }
  return {
    chainId,
    accounts,
    usdc: contracts.usdc.address,
    recipient,
    configuration: JSON.stringify([{
      chainId,
      name: "Local chain",
      rpcUrls: [url],
      native: { symbol: "ETH", decimals: 18 },
      price: { usd: "2500.00" },
      tokens: [{ token: contracts.usdc.address, symbol: "USDC", decimals: 6 }],
      recipient,
      router: contracts.router.address,
      provisionalAt: { blocks: 1 },
      settledAt: { blocks: 4 },
      finalAt: { blocks: 8 },
      explorer: "https://explorer.example"
    }]),
    mine: async (blocks = 1) => void await run(chain.mine(blocks)),
    mintUsdc: (to, amount) => run(chain.mint(contracts.usdc, to, amount)),
    transferUsdc: (from, amount) => run(chain.transfer(contracts.usdc, from, recipient, amount)),
    send: (transaction) => run(chain.send(transaction)),
    reorg: (depth) => run(chain.reorg(depth)),
    sendAgain: async (transactions) => {
      for (const { raw } of transactions) await run(chain.sendRaw(raw))
    },
    stop: () => run(Scope.close(scope, Exit.void))
  }
}
