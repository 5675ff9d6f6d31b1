import { ViemWalletProof } from "@dchat/adapters/viem"
import { ChainId, WalletAddress, WalletProof } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { compactSignatureToHex, numberToHex, parseSignature, signatureToCompactSignature } from "viem"
import { privateKeyToAccount } from "viem/accounts"

const account = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
const address = WalletAddress.make(account.address.toLowerCase())
const order = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n
const message = "chat.example wants you to sign in with your Ethereum account:\nümlaut 🎈"
const signature = await account.signMessage({ message })
const [r, s] = [signature.slice(2, 66), signature.slice(66, 130)]
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2)

/** The kind of the wallet, or why it is refused. */
const verify = (signed: string, change: { readonly address?: WalletAddress; readonly message?: string } = {}) =>
  Effect.flatMap(
    WalletProof,
    (proof) => proof.verify({ address, message, chainId: ChainId.make(1), signature: signed, ...change })
  ).pipe(Effect.match({ onSuccess: (kind) => kind, onFailure: ({ _tag }) => _tag }))

layer(ViemWalletProof.layer)("ViemWalletProof", (it) => {
  it.effect("writes an address with its EIP-55 checksum", () =>
    Effect.gen(function*() {
      const { checksummed } = yield* WalletProof
      for (
        const spelling of [
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
          "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
          "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
          "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
        ]
      ) {
        assert.strictEqual(checksummed(WalletAddress.make(spelling.toLowerCase())), spelling)
      }
    }))

  it.effect("accepts what the key of the wallet signed, on every chain", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verify(signature), "eoa")
    }))

  it.effect("accepts the digits of a signature in any letter case, and v as 0 or 1 too", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verify(`0x${signature.slice(2).toUpperCase()}`), "eoa")
      const v = signature.endsWith("1b") ? "00" : "01"
      assert.strictEqual(yield* verify(`0x${r}${s}${v}`), "eoa")
    }))

  it.effect("refuses the signature of another text", () =>
    Effect.gen(function*() {
      for (const other of [`${message}\n`, message.replace("chat", "evil"), ""]) {
        assert.strictEqual(yield* verify(signature, { message: other }), "SignatureInvalid")
      }
    }))

  it.effect("refuses the signature of another wallet", () =>
    Effect.gen(function*() {
      const other = privateKeyToAccount("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a")
      const signed = yield* Effect.promise(() => other.signMessage({ message }))
      assert.strictEqual(yield* verify(signed), "SignatureInvalid")
      assert.strictEqual(yield* verify(signed, { address: WalletAddress.make(other.address.toLowerCase()) }), "eoa")
    }))

  it.effect.each<readonly [what: string, signature: string]>([
    ["nothing", ""],
    ["a bare prefix", "0x"],
    ["a missing prefix", signature.slice(2)],
    ["an upper-case prefix", `0X${signature.slice(2)}`],
    ["a digit too few", signature.slice(0, -1)],
    ["a byte too few", signature.slice(0, -2)],
    ["a byte too many", `${signature}00`],
    ["surrounding space", ` ${signature} `],
    ["a line break at the end", `${signature}\n`],
    ["letters that are no digits", `0x${"zz".repeat(65)}`],
    ["digits of another script", `0x${"٠".repeat(130)}`],
    ["v of 2", `0x${r}${s}02`],
    ["v of 26", `0x${r}${s}1a`],
    ["v of 29", `0x${r}${s}1d`],
    ["v of an EIP-155 transaction", `0x${r}${s}25`],
    ["v of 255", `0x${r}${s}ff`],
    ["r of zero", `0x${word(0n)}${s}1b`],
    ["s of zero", `0x${r}${word(0n)}1b`],
    ["r and s of zero", `0x${"00".repeat(65)}`],
    ["r of the order of the curve", `0x${word(order)}${s}1b`],
    ["s of the order of the curve", `0x${r}${word(order)}1b`],
    ["r that is no point of the curve", `0x${word(5n)}${s}1b`],
    ["only ones", `0x${"ff".repeat(65)}`],
    ["s in the upper half (EIP-2)", `0x${r}${word(order - BigInt(`0x${s}`))}${signature.endsWith("1b") ? "1c" : "1b"}`],
    ["the compact form (EIP-2098)", compactSignatureToHex(signatureToCompactSignature(parseSignature(signature)))],
    ["the wrapper of contract signatures (EIP-6492)", `${signature}${"6492".repeat(16)}`],
    ["a megabyte", `0x${"11".repeat(1_000_000)}`]
  ])("refuses %s", ([, malformed]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verify(malformed), "SignatureInvalid")
    }))

  it.effect.prop(
    "answers any text with a refusal",
    [Schema.String, Schema.String],
    ([text, signed]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verify(signed, { message: text }), "SignatureInvalid")
      })
  )

  it.effect.prop(
    "refuses any other 65 bytes",
    [Schema.String.check(Schema.isPattern(/^0x[0-9a-f]{64}[0-7][0-9a-f]{63}(1b|1c)$/))],
    ([signed]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verify(signed), "SignatureInvalid")
      })
  )
})
