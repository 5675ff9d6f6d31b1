/**
 * The contracts of a simulated chain. The addresses are the same on each chain.
 */
import { Effect } from "effect"
import { encodeDeployData, getContractAddress, type Hex, type LocalAccount } from "viem"
import { feeds } from "./artefacts/feeds.ts"
import { memberships } from "./artefacts/memberships.ts"
import { permit2 } from "./artefacts/permit2.ts"
import { router } from "./artefacts/router.ts"
import { tokens } from "./artefacts/tokens.ts"
import { wallets } from "./artefacts/wallets.ts"
import type { Client } from "./Client.ts"
import type { Mining } from "./Mining.ts"
import type { Artefact, Deployed, Transactions } from "./Transactions.ts"

/** Permit2 has this address on each public chain. */
const permit2Address = "0x000000000022D473030F116dDEE9F6B43aC78BA3"

export interface Fixtures {
  /** The router of `@dchat/adapters`. */
  readonly router: Deployed<typeof router.contracts.PaymentRouter.abi>
  /** 6 decimals, EIP-2612, `setPaused` and `setBlacklisted`. */
  readonly usdc: Deployed<typeof tokens.contracts.TestUsdc.abi>
  /** Another token with the name, the symbol and the decimals of `usdc`. */
  readonly imitation: Deployed<typeof tokens.contracts.TestToken.abi>
  /** No decimals. */
  readonly indivisible: Deployed<typeof tokens.contracts.TestToken.abi>
  /** 18 decimals. */
  readonly dai: Deployed<typeof tokens.contracts.TestToken.abi>
  /** 6 decimals. Functions return nothing, and an allowance has to be zero before it changes. */
  readonly usdt: Deployed<typeof tokens.contracts.TestUsdt.abi>
  /** 18 decimals. Each transfer burns one hundredth. */
  readonly feeToken: Deployed<typeof tokens.contracts.FeeToken.abi>
  /** 18 decimals. Each transfer first calls a payer that is a contract. */
  readonly hookToken: Deployed<typeof tokens.contracts.HookToken.abi>
  /** ERC-721; anyone can mint. */
  readonly membership: Deployed<typeof memberships.contracts.Membership.abi>
  /** Holds ERC-721 tokens until the depositor withdraws them. */
  readonly escrow: Deployed<typeof memberships.contracts.Escrow.abi>
  /** Executes operations of smart wallets, as in ERC-4337. */
  readonly entryPoint: Deployed<typeof wallets.contracts.EntryPoint.abi>
  /** The price of one ether in US dollars, 8 decimals, initially 2500 dollars. */
  readonly priceFeed: Deployed<typeof feeds.contracts.PriceFeed.abi>
  /** The uptime of a sequencer: 0 is up, 1 is down. */
  readonly sequencerFeed: Deployed<typeof feeds.contracts.PriceFeed.abi>
  /** The allowances of Permit2, at the address of Permit2. */
  readonly permit2: Deployed<typeof permit2.contracts.AllowanceTransfer.abi>
}

/** Deploys all contracts in the first two blocks. */
export const deploy = Effect.fnUntraced(function*(
  client: Client,
  { mine, setMode }: Mining,
  { send }: Transactions,
  from: LocalAccount
) {
  yield* setMode("on-demand")
  let nonce = 0
  const sent: Array<Hex> = []
  const add = Effect.fnUntraced(function*<const artefact extends Artefact>(
    { abi, bytecode }: artefact,
    ...args: ReadonlyArray<unknown>
  ) {
    const data = encodeDeployData({ abi, bytecode, args })
    const address = getContractAddress({ from: from.address, nonce: BigInt(nonce) })
    sent.push(yield* send({ from, data, nonce: nonce++, gas: 2_000_000n }))
    return { address, abi } as Deployed<artefact["abi"]>
  })

  const { TestToken } = tokens.contracts
  const allowances = permit2.contracts.AllowanceTransfer
  const fixtures: Fixtures = {
    router: yield* add(router.contracts.PaymentRouter),
    usdc: yield* add(tokens.contracts.TestUsdc),
    imitation: yield* add(TestToken, "USD Coin", "USDC", 6),
    indivisible: yield* add(TestToken, "Ticket", "TICKET", 0),
    dai: yield* add(TestToken, "Dai Stablecoin", "DAI", 18),
    usdt: yield* add(tokens.contracts.TestUsdt),
    feeToken: yield* add(tokens.contracts.FeeToken),
    hookToken: yield* add(tokens.contracts.HookToken),
    membership: yield* add(memberships.contracts.Membership),
    escrow: yield* add(memberships.contracts.Escrow),
    entryPoint: yield* add(wallets.contracts.EntryPoint),
    priceFeed: yield* add(feeds.contracts.PriceFeed, "ETH / USD", 8, 2500_0000_0000n),
    sequencerFeed: yield* add(feeds.contracts.PriceFeed, "L2 Sequencer Uptime Status Feed", 0, 0n),
    permit2: { abi: allowances.abi, address: permit2Address }
  }
  const { address } = yield* add(allowances)
  yield* mine()
  yield* Effect.promise(async () => {
    const receipts = await Promise.all(sent.map((hash) => client.getTransactionReceipt({ hash })))
    const failed = receipts.filter(({ status }) => status !== "success")
    if (failed.length > 0) throw new Error(`${failed.length} contracts were not deployed`)
    const bytecode = await client.getCode({ address })
    if (bytecode === undefined) throw new Error("The allowances have no code")
    await client.setCode({ address: permit2Address, bytecode })
  })
  // A reorganisation restores the state of a block, which has to have the code of Permit2.
  yield* mine()
  return fixtures
})
