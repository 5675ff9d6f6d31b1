/**
 * The chain of `npm run demo`: an Ethereum node on this computer, with money for its accounts. The page with the clock
 * shows the controls of the chain.
 */
import { ChainDouble } from "@dchat/doubles/chain"
import type { AdjustableClock, StripeDouble } from "@dchat/doubles/stripe"
import { Effect, Schedule } from "effect"
import { formatUnits } from "viem"
import { chainControls } from "./demo-chain-controls.ts"

const name = "Demo chain"
const blockSeconds = 2

/** In base units: 1,000 dollars. */
const dollars = 1_000_000_000n

export interface DemoChain {
  /** The value of `EVM_CHAINS`. `explorer`: the page that shows transactions. */
  configuration(explorer: string): string
  /** The settings of the simulated wallet of the page. */
  readonly wallet: object
  readonly controls: StripeDouble.Controls
}

/** Puts the chain forward when the clock was put forward. */
const follow = (chain: ChainDouble.ChainDouble, clock: AdjustableClock.AdjustableClock) => {
  /** Milliseconds by which the chain is ahead of the time of this computer. */
  let ahead = 0
  return Effect.gen(function*() {
    const wanted = clock.now() - Date.now()
    if (wanted - ahead < 1000) return
    ahead = wanted
    yield* chain.setTime(Math.floor(clock.now() / 1000))
    yield* chain.mine()
  }).pipe(Effect.repeat(Schedule.spaced("500 millis")), Effect.forkScoped)
}

/**
 * The chain is a new one at each start, while the data of the host stays. Therefore it also has a new id, and the host
 * does not look for its old blocks.
 */
export const startDemoChain = Effect.fnUntraced(
  function*(clock: AdjustableClock.AdjustableClock, port: number) {
    const chain = yield* ChainDouble.start({ chainId: Math.floor(Date.now() / 1000), port })
    const { accounts, contracts, url } = chain
    const [operator, ...owners] = accounts
    if (operator === undefined) return yield* Effect.die(new Error("A chain has accounts"))
    for (const { address } of owners) yield* chain.mint(contracts.usdc, address, dollars)
    const { number: first } = yield* chain.head
    yield* chain.setMode({ everySeconds: blockSeconds })
    yield* follow(chain, clock)

    const demo: DemoChain = {
      configuration: (explorer) =>
        JSON.stringify([{
          chainId: chain.chainId,
          name,
          rpcUrls: [url],
          native: { symbol: "ETH", decimals: 18 },
          price: { usd: "2500.00" },
          tokens: [{ token: contracts.usdc.address, symbol: "USDC", decimals: 6 }],
          recipient: operator.address,
          router: contracts.router.address,
          provisionalAt: { blocks: 2 },
          settledAt: { blocks: 8 },
          finalAt: { blocks: 40 },
          maxRange: 100,
          memberships: [{ contract: contracts.membership.address, tier: "ENTERPRISE" }],
          explorer
        }]),
      wallet: {
        chainId: chain.chainId,
        name,
        url: url.replace("http", "ws"),
        accounts: owners.map(({ address }) => address),
        usdc: contracts.usdc.address
      },
      controls: chainControls(chain, { first, blockSeconds, now: clock.now })
    }
    return demo
  }
)

/** For the introduction. */
export const walletMoney = `${formatUnits(dollars, 6)} test USDC and 10000 test ETH`
