import { ChainId, SiweFields, siweMessage } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { createSiweMessage, parseSiweMessage } from "viem/siwe"
import { getAddress } from "viem/utils"

const fields: SiweFields = {
  domain: "chat.example:8443",
  address: getAddress("0xa0cf798816d4b9b9866b5330eea46a18382f251e"),
  statement: "Sign in with this wallet. It costs nothing and moves no funds.",
  uri: "https://chat.example:8443/",
  chainId: ChainId.make(1),
  nonce: "00112233445566778899aabbccddeeff",
  issuedAt: DateTime.makeUnsafe("2026-01-01T00:00:00Z"),
  expirationTime: DateTime.makeUnsafe("2026-01-01T00:05:00Z")
}

describe("siweMessage", () => {
  it("is the text of EIP-4361", () => {
    assert.strictEqual(
      siweMessage(fields),
      `chat.example:8443 wants you to sign in with your Ethereum account:
0xA0Cf798816D4b9b9866b5330EEa46a18382f251e

Sign in with this wallet. It costs nothing and moves no funds.

URI: https://chat.example:8443/
Version: 1
Chain ID: 1
Nonce: 00112233445566778899aabbccddeeff
Issued At: 2026-01-01T00:00:00.000Z
Expiration Time: 2026-01-01T00:05:00.000Z`
    )
  })

  it("is the text that viem builds and reads", () => {
    const message = siweMessage(fields)
    assert.strictEqual(
      message,
      createSiweMessage({
        ...fields,
        address: getAddress(fields.address),
        version: "1",
        issuedAt: DateTime.toDateUtc(fields.issuedAt),
        expirationTime: DateTime.toDateUtc(fields.expirationTime)
      })
    )
    assert.deepInclude(parseSiweMessage(message), {
      domain: fields.domain,
      address: getAddress(fields.address),
      nonce: fields.nonce,
      chainId: 1,
      uri: fields.uri
    })
  })

  it("takes any authority that a host may have", () => {
    for (const domain of ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "chat", "xn--bcher-kva.example"]) {
      assert.isTrue(siweMessage({ ...fields, domain }).startsWith(`${domain} wants you`))
    }
  })

  it.prop("has the same lines whatever the fields hold: no field can add a line", [SiweFields], ([any]) => {
    const lines = siweMessage(any).split(/[\n\r\u2028\u2029]/)
    assert.deepStrictEqual(lines.map((line) => line.split(": ")[0]).slice(5), [
      "URI",
      "Version",
      "Chain ID",
      "Nonce",
      "Issued At",
      "Expiration Time"
    ])
  })

  it("refuses fields that would be read as another line", () => {
    for (const end of ["\n", "\r", "\r\nURI: https://evil.example", " ", "\u2028", "\0"]) {
      assert.throws(() => siweMessage({ ...fields, domain: `chat.example${end}` }))
      assert.throws(() => siweMessage({ ...fields, uri: `https://chat.example/${end}` }))
      if (end !== " ") assert.throws(() => siweMessage({ ...fields, statement: `Sign in.${end}` }))
    }
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the chain id %d", (chainId) => {
    assert.isFalse(Schema.is(ChainId)(chainId))
  })
})
