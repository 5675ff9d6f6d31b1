import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { observed, someChain, someHash32, someTransfer } from "../../../src/contracts/support/chainSteps.ts"
import { noon, someAddress } from "../../../src/contracts/support/identityFixtures.ts"
import type { Movement, TokenMoved } from "../../../src/onchain/index.ts"
import { agree } from "../../../src/onchain/rules/Reconciling.ts"

const chainId = someChain()
const transfer = someTransfer(chainId)
const { moved } = observed(transfer, 7, "settled")

const token: TokenMoved = {
  _tag: "TokenMoved",
  block: moved.block,
  logIndex: 4,
  transactionHash: someHash32(),
  externalId: transfer.externalId,
  contract: someAddress(),
  tokenId: 7n,
  to: someAddress()
}

describe("Two endpoints", () => {
  it("agree on the same movements in any order, whatever the log index in the block", () => {
    assert.isTrue(agree([moved, token], [{ ...token, logIndex: 9 }, { ...moved, logIndex: 8 }]))
  })

  it("disagree if any part of a transfer differs that decides about a payment", () => {
    const { reference: _, ...unnamed } = transfer
    const { token: __, ...native } = transfer
    const others = [
      { ...transfer, payer: someAddress() },
      { ...transfer, recipient: someAddress() },
      { ...transfer, token: someAddress() },
      { ...transfer, amount: 1n },
      { ...transfer, reference: someHash32() },
      { ...transfer, paidAt: DateTime.add(noon, { seconds: 1 }) },
      unnamed,
      native
    ]
    for (const other of others) assert.isFalse(agree([moved], [{ ...moved, transfer: other }]))
    assert.isFalse(agree([moved], [{ ...moved, block: { ...moved.block, hash: someHash32() } }]))
    assert.isFalse(agree([moved], []))
  })

  it("disagree if a token of a membership went to another owner, or moved for one of them only", () => {
    const { to: _, ...burnt } = token
    const others: ReadonlyArray<Movement> = [burnt, { ...token, to: someAddress() }, { ...token, tokenId: 8n }]
    for (const other of others) assert.isFalse(agree([token], [other]))
    assert.isFalse(agree([moved, token], [moved]))
  })
})
