import { displayNameOf, WalletAddress, WalletAddressFromAnyCase } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const read = Schema.decodeUnknownOption(WalletAddressFromAnyCase)

describe("WalletAddress", () => {
  it("is accepted in any letter case and stored in lower case", () => {
    const lower = WalletAddress.make("0xa0cf798816d4b9b9866b5330eea46a18382f251e")
    for (const spelling of [lower, "0xA0Cf798816D4b9b9866b5330EEa46a18382f251e", `0x${lower.slice(2).toUpperCase()}`]) {
      assert.deepStrictEqual(read(spelling), Option.some(lower))
    }
  })

  it.each([
    `0x${"0".repeat(40)}`,
    `0x${"a".repeat(39)}`,
    `0x${"a".repeat(41)}`,
    `0X${"a".repeat(40)}`,
    "a".repeat(40),
    `0x${"g".repeat(40)}`,
    `0x${"a".repeat(40)}\n`,
    "tmp_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ""
  ])("cannot be %j", (text) => {
    assert.deepStrictEqual(read(text), Option.none())
  })

  it("is shortened to the name of a user without a name", () => {
    assert.strictEqual(
      displayNameOf(WalletAddress.make("0x12ab567890123456789012345678901234567cd3")),
      "0x12ab…7cd3"
    )
  })
})
