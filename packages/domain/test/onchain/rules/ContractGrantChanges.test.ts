import { type Grant, GrantId, Tier } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { SecureRandom } from "effect/crypto"
import { grantChanges } from "../../../src/onchain/rules/ContractGrantChanges.ts"

const contract = "SubscriptionManager 1:0x01"
const from = DateTime.makeUnsafe("2026-01-01T00:00:00Z")
const until = DateTime.makeUnsafe("2026-02-01T00:00:00Z")
const later = DateTime.makeUnsafe("2026-03-01T00:00:00Z")

const grant = (changes: Partial<Grant> = {}): Grant => ({
  id: GrantId.make(SecureRandom.uuidV7Unsafe()),
  tier: Tier.make("PRO"),
  from,
  until,
  source: "contract",
  actor: contract,
  reason: "subscription 12",
  ...changes
})

const entry = { name: "subscription 12", tier: "PRO", until } as const

describe("The grants by a contract", () => {
  it("are given once, and stay while the contract says the same", () => {
    assert.deepStrictEqual(grantChanges([], contract, [entry]), { give: [entry], revoke: [] })
    assert.deepStrictEqual(grantChanges([grant()], contract, [entry]), { give: [], revoke: [] })
  })

  it("follow a renewal and another tier, and end with the entry", () => {
    const held = grant()
    for (
      const next of [{ ...entry, until: later }, { ...entry, tier: "ENTERPRISE" as const }, {
        name: entry.name,
        tier: entry.tier
      }]
    ) {
      assert.deepStrictEqual(grantChanges([held], contract, [next]), { give: [next], revoke: [held] })
    }
    assert.deepStrictEqual(grantChanges([held], contract, []), { give: [], revoke: [held] })
  })

  it("leave the grants of administrators, of other contracts, and of the past as they are", () => {
    const others = [grant({ source: "admin" }), grant({ actor: "another" }), grant({ revokedAt: from })]
    assert.deepStrictEqual(grantChanges(others, contract, []), { give: [], revoke: [] })
  })
})
