/**
 * An installation on a simulated chain: its tokens, its own recipient, and an endpoint behind a proxy that shows faults.
 */
import { EvmEndpoint } from "@dchat/adapters/viem"
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import type { Chain, Header, Movement, TransferMoved } from "@dchat/domain/onchain"
import { Tier } from "@dchat/domain/subscription"
import { type ChainDouble, RpcProxy } from "@dchat/doubles/chain"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Address, Hash } from "viem"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"

/** The path of the URL of each endpoint. No fault may show the path. */
export const secret = "hunter2"

export const addressOf = (address: string) => WalletAddress.make(address.toLowerCase())

export const newAccount = () => privateKeyToAccount(generatePrivateKey())

export const chainOf = (
  { chainId, contracts }: ChainDouble.ChainDouble,
  recipient: Address,
  change: Partial<Chain> = {}
): Chain => {
  const asset = (of: { readonly address: Address }, symbol: string, decimals: number) => ({
    token: addressOf(of.address),
    symbol,
    decimals
  })
  return {
    chainId: ChainId.make(chainId),
    name: "Test chain",
    native: { symbol: "ETH", decimals: 18 },
    tokens: [
      asset(contracts.usdc, "USDC", 6),
      asset(contracts.usdt, "USDT", 6),
      asset(contracts.feeToken, "FEE", 18),
      asset(contracts.hookToken, "HOOK", 18)
    ],
    recipient: addressOf(recipient),
    router: addressOf(contracts.router.address),
    provisionalAt: { blocks: 1 },
    settledAt: { blocks: 3 },
    finalAt: { blocks: 10 },
    maxRange: 1000,
    memberships: [{ contract: addressOf(contracts.membership.address), tier: Tier.make("PRO") }],
    ...change
  }
}

/** An endpoint behind a proxy. Each call has a new recipient. */
export const install = Effect.fnUntraced(function*(
  double: ChainDouble.ChainDouble,
  { recipient = newAccount().address, ...change }: Omit<Partial<Chain>, "recipient"> & {
    readonly recipient?: Address
  } = {}
) {
  const [, ann, bob] = double.accounts
  if (ann === undefined || bob === undefined) return assert.fail("the chain has no accounts")
  const proxy = yield* RpcProxy.start({ url: double.url })
  const endpoint = EvmEndpoint.make(chainOf(double, recipient, change), `${proxy.url}/${secret}`, {
    timeout: "2 seconds"
  })
  const { number } = yield* double.head
  const from = Number(number) + 1
  const headNumber = Effect.map(double.head, ({ number }) => Number(number))
  /** The movements since the installation, by a range of blocks. */
  const movements = (want = { native: false }) =>
    Effect.flatMap(headNumber, (to) => endpoint.movements({ from, to }, want))
  const headerOf = (number: number) =>
    Effect.map(endpoint.header(number), (header): Header => header ?? assert.fail("no such block"))
  return { ann, bob, double, endpoint, from, headNumber, headerOf, movements, proxy, recipient }
})

/** The id of a log of a transaction. */
export const idOf = ({ chainId }: { readonly chainId: number }, hash: Hash, position: number | "native") =>
  `${chainId}:${hash}:${position}`

/** The transfers as short objects. */
export const transfersOf = (movements: ReadonlyArray<Movement>) =>
  movements.filter((it): it is TransferMoved => it._tag === "TransferMoved").map(({ transfer }) => ({
    externalId: String(transfer.externalId),
    payer: String(transfer.payer),
    token: transfer.token === undefined ? undefined : String(transfer.token),
    amount: transfer.amount,
    reference: transfer.reference === undefined ? undefined : String(transfer.reference)
  }))
