import { assert, describe, it } from "@effect/vitest"
import { someTransfer } from "../../../src/contracts/support/chainSteps.ts"
import { someAddress } from "../../../src/contracts/support/identityFixtures.ts"
import { ChainId } from "../../../src/identity/index.ts"
import type { Chain } from "../../../src/onchain/index.ts"
import { isDust, minimumOf } from "../../../src/onchain/rules/Dust.ts"
import { stablecoinAmount } from "../../../src/onchain/rules/QuoteAmounts.ts"

const [token, recipient] = [someAddress(), someAddress()]
const usdc = { token, symbol: "USDC", decimals: 6 }
const ether = { symbol: "ETH", decimals: 18 }

const chain: Chain = {
  chainId: ChainId.make(8453),
  name: "Base",
  native: ether,
  tokens: [usdc],
  recipient,
  provisionalAt: { blocks: 1 },
  settledAt: { blocks: 2 },
  finalAt: { blocks: 3 },
  maxRange: 100,
  memberships: []
}

const of = (amount: bigint, asset: { readonly token?: typeof token }) => {
  const { token: _, ...transfer } = someTransfer(chain.chainId, { amount, recipient })
  return { ...transfer, ...asset }
}

describe("The smallest transfer that is stored", () => {
  it("is a cent of a stablecoin, which is the smallest price", () => {
    assert.strictEqual(minimumOf(usdc), 10_000n)
    for (const decimals of [0, 1, 2, 6, 18]) {
      const asset = { ...usdc, decimals }
      assert.isAtLeast(Number(stablecoinAmount(asset, { currency: "USD", minorUnits: 1n })), Number(minimumOf(asset)))
    }
  })

  it("is a millionth of a native currency, and never less than a base unit", () => {
    assert.strictEqual(minimumOf(ether), 1_000_000_000_000n)
    assert.strictEqual(minimumOf({ symbol: "X", decimals: 3 }), 1n)
  })

  it("is what the chain says", () => {
    assert.strictEqual(minimumOf({ ...usdc, minimum: 5n }), 5n)
  })

  it("decides by the asset that was sent", () => {
    assert.isTrue(isDust(chain, of(9999n, { token })))
    assert.isFalse(isDust(chain, of(10_000n, { token })))
    assert.isTrue(isDust(chain, of(999_999_999_999n, {})))
    assert.isFalse(isDust(chain, of(1_000_000_000_000n, {})))
  })

  it("lets nothing pass that has no value, whatever the asset", () => {
    assert.isTrue(isDust(chain, of(0n, { token: someAddress() })))
    assert.isFalse(isDust(chain, of(1n, { token: someAddress() })))
  })
})
