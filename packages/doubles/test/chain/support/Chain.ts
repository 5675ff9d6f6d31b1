/**
 * What the tests of the simulated chain share: accounts, and short reads.
 */
import type { ChainDouble } from "@dchat/doubles/chain"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Address, Hash } from "viem"

type Chain = ChainDouble.ChainDouble

export const account = (chain: Chain, index: number) => chain.accounts[index] ?? assert.fail("no such account")

export const balance = ({ client, contracts }: Chain, token: { readonly address: Address }, owner: Address) =>
  Effect.promise(() =>
    client.readContract({ address: token.address, abi: contracts.dai.abi, functionName: "balanceOf", args: [owner] })
  )

/** The block of a transaction and the position of its first log in the block; undefined without a receipt. */
export const place = ({ client }: Chain, hash: Hash) =>
  Effect.promise(() =>
    client.getTransactionReceipt({ hash }).then(
      ({ blockNumber, logs: [log] }) => ({ blockNumber, logIndex: log?.logIndex }),
      () => undefined
    )
  )
