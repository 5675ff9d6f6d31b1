import { assert, describe, it } from "@effect/vitest"
import { feesOf } from "../../../src/viem/recurring/Fees.ts"

describe("The fees of a charge", () => {
  it("leave room for a base fee that doubles", () => {
    assert.deepStrictEqual(feesOf({ base: 10n, price: 2n }, 100n, undefined), { most: 22n, tip: 2n })
  })

  it("stay within the limit of the operator", () => {
    assert.deepStrictEqual(feesOf({ base: 60n, price: 2n }, 100n, undefined), { most: 100n, tip: 2n })
    assert.isUndefined(feesOf({ base: 99n, price: 2n }, 100n, undefined))
    assert.isUndefined(feesOf({ price: 101n }, 100n, undefined))
  })

  it("are one price on a chain without EIP-1559", () => {
    assert.deepStrictEqual(feesOf({ price: 5n }, 100n, undefined), { most: 5n })
    assert.deepStrictEqual(feesOf({ price: 5n }, 100n, { most: 80n }), { most: 91n })
    assert.isUndefined(feesOf({ price: 5n }, 100n, { most: 90n }))
  })

  it("of a replacement are an eighth higher, both of them", () => {
    assert.deepStrictEqual(feesOf({ base: 10n, price: 1n }, 1000n, { most: 80n, tip: 8n }), { most: 91n, tip: 10n })
    assert.deepStrictEqual(feesOf({ base: 100n, price: 20n }, 1000n, { most: 80n, tip: 8n }), { most: 220n, tip: 20n })
    assert.isUndefined(feesOf({ base: 10n, price: 1n }, 90n, { most: 80n, tip: 8n }))
  })
})
