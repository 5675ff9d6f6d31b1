import { ViemWalletProof } from "@dchat/adapters/viem"
import { ChainId, WalletAddress, WalletProof } from "@dchat/domain/identity"
import { wallets } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { type Hex, numberToHex } from "viem"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { encodeFunctionData, serializeErc6492Signature, serializeErc8010Signature } from "viem/utils"
import * as Anvil from "../support/Anvil.ts"

const owner = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
const mallory = privateKeyToAccount("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a")
const message = "chat.example wants you to sign in with your Ethereum account:\nümlaut 🎈"
const signature = await owner.signMessage({ message })
const byMallory = await mallory.signMessage({ message })

const magic: Hex = `0x1626ba7e${"00".repeat(28)}`
const eip6492Suffix = "6492".repeat(16)
const order = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n
const nowhere = WalletAddress.make("0x00000000000000000000000000000000000face0")

const addressOf = (account: { readonly address: Hex }) => WalletAddress.make(account.address.toLowerCase())
const hex = (address: WalletAddress): Hex => `0x${address.slice(2)}`
const salt = (text: string): Hex => `0x${Buffer.from(text.padEnd(32)).toString("hex")}`

/** The same key and text, signed as no wallet would: s in the upper half (EIP-2). */
const malleated = (signed: Hex): Hex => {
  const s = numberToHex(order - BigInt(`0x${signed.slice(66, 130)}`), { size: 32 }).slice(2)
  return `${signed.slice(0, 66) as Hex}${s}${signed.endsWith("1b") ? "1c" : "1b"}`
}

class Chains extends Context.Service<Chains, {
  readonly home: Anvil.Anvil
  readonly other: Anvil.Anvil
}>()("test/Chains") {
  static readonly layer = Layer.effect(
    Chains,
    Effect.all({ home: Anvil.start({ chainId: 31_337 }), other: Anvil.start({ chainId: 31_338 }) }, { concurrency: 2 })
  )
}

interface Proof {
  readonly address: WalletAddress
  readonly signature: string
  readonly message?: string
  readonly chainId?: ChainId
}

/** The kind of the wallet, or why it is refused, in an installation that can ask both chains. */
const verify = Effect.fnUntraced(function*(proof: Proof) {
  const { home, other } = yield* Chains
  const chains = [home, other].map(({ chainId, url }) => ({ chainId, rpcUrls: [url] }))
  return yield* Effect.flatMap(WalletProof, (wallets) => wallets.verify({ chainId: home.chainId, message, ...proof }))
    .pipe(
      Effect.match({ onSuccess: (kind) => kind, onFailure: ({ _tag }) => _tag }),
      Effect.provide(ViemWalletProof.layerWith({ chains }))
    )
})

const deploy = (name: Anvil.ContractName, ...args: ReadonlyArray<unknown>) =>
  Effect.flatMap(Chains, ({ home }) => home.deploy(name, ...args))

describe.skipIf(Anvil.isLeftOut)("On real nodes", () => {
  layer(Chains.layer, { timeout: 60_000 })("Contract wallets", (it) => {
    describe("Deployed contract wallets (EIP-1271)", () => {
      it.effect("accept what their owner signed", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const address = yield* home.deployWallet(owner.address)
          assert.strictEqual(yield* verify({ address, signature }), "contract")
          assert.strictEqual(
            yield* verify({ address, signature: `0x${signature.slice(2).toUpperCase()}` }),
            "contract"
          )
        }))

      it.effect("refuse what another key signed, and what their owner signed for another text", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const address = yield* home.deployWallet(owner.address)
          assert.strictEqual(yield* verify({ address, signature: byMallory }), "SignatureInvalid")
          assert.strictEqual(yield* verify({ address, signature, message: `${message}\n` }), "SignatureInvalid")
        }))

      it.effect("are different wallets on different chains", () =>
        Effect.gen(function*() {
          const { home, other } = yield* Chains
          const address = yield* home.deployWallet(owner.address)
          assert.strictEqual(yield* verify({ address, signature, chainId: other.chainId }), "SignatureInvalid")
          // Now somebody else has the same address there.
          yield* other.setCode(address, yield* other.code(yield* other.deploy("PermissiveWallet")))
          assert.strictEqual(yield* verify({ address, signature: byMallory, chainId: other.chainId }), "contract")
          assert.strictEqual(yield* verify({ address, signature: byMallory }), "SignatureInvalid")
          yield* other.setCode(address, yield* other.code(yield* other.deployWallet(mallory.address)))
          assert.strictEqual(yield* verify({ address, signature, chainId: other.chainId }), "SignatureInvalid")
        }))

      it.effect("cannot sign in on a chain without a configured endpoint", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const address = yield* home.deployWallet(owner.address)
          assert.strictEqual(yield* verify({ address, signature, chainId: ChainId.make(1) }), "SignatureInvalid")
        }))

      it.effect("judge the form of their signatures themselves", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const address = yield* home.deployWallet(owner.address)
          assert.strictEqual(yield* verify({ address, signature: malleated(signature) }), "contract")
          const lenient = yield* deploy("PermissiveWallet")
          for (const strange of ["0x00", `0x${"ff".repeat(65)}`, `${signature}00`, `0x${"11".repeat(2047)}`]) {
            assert.strictEqual(
              yield* verify({ address: lenient, signature: strange }),
              "contract",
              strange.slice(0, 20)
            )
          }
        }))

      it.effect.each<readonly [what: string, signature: string]>([
        ["nothing", ""],
        ["a bare prefix", "0x"],
        ["a missing prefix", signature.slice(2)],
        ["an upper-case prefix", `0X${signature.slice(2)}`],
        ["upper case all over", signature.toUpperCase()],
        ["an odd number of digits", signature.slice(0, -1)],
        ["letters that are no digits", `0x${"zz".repeat(65)}`],
        ["digits of another script", `0x${"٠".repeat(130)}`],
        ["a balloon", "0x🎈"],
        ["surrounding space", ` ${signature} `],
        ["a line break at the end", `${signature}\n`],
        ["a byte more than the limit", `0x${"11".repeat(2048)}`],
        ["a megabyte", `0x${"11".repeat(1_000_000)}`]
      ])("refuse %s, even one that accepts everything", ([, signature]) =>
        Effect.gen(function*() {
          assert.strictEqual(
            yield* verify({ address: yield* deploy("PermissiveWallet"), signature }),
            "SignatureInvalid"
          )
        }))

      it.effect.each<readonly [what: string, name: Anvil.ContractName, ...args: ReadonlyArray<Hex>]>([
        ["reverts", "Reverting"],
        ["loops until its gas is gone", "Looping"],
        ["halts", "Halting"],
        ["answers with what it was asked", "Echoing"],
        ["answers nothing", "Answering", "0x"],
        ["answers one byte", "Answering", "0x01"],
        ["answers the bare magic value", "Answering", "0x1626ba7e"],
        ["answers a byte too few", "Answering", magic.slice(0, -2) as Hex],
        ["answers a byte too many", "Answering", `${magic}00`],
        ["answers two words", "Answering", `${magic}${"00".repeat(32)}`],
        ["answers the refusal of the standard", "Answering", `0xffffffff${"00".repeat(28)}`],
        ["answers the magic value of another standard", "Answering", `0x20c13b0b${"00".repeat(28)}`],
        ["answers true", "Answering", numberToHex(1, { size: 32 })],
        ["answers the magic value at the wrong end", "Answering", numberToHex(0x1626ba7e, { size: 32 })],
        ["answers the magic value and more in its word", "Answering", `${magic.slice(0, -2) as Hex}01`],
        ["answers 24 kilobytes", "Answering", `${magic}${"00".repeat(24_000)}`]
      ])("refuse everything when the contract %s", ([, name, ...args]) =>
        Effect.gen(function*() {
          const address = yield* deploy(name, ...args)
          assert.strictEqual(yield* verify({ address, signature }), "SignatureInvalid")
          // By way of a wrapper, too.
          const wrapped = serializeErc6492Signature({ address: hex(address), data: "0x", signature })
          assert.strictEqual(yield* verify({ address, signature: wrapped }), "SignatureInvalid")
        }))

      it.effect.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x100])(
        "are distinguished from the precompiled contract at %i",
        (at) =>
          Effect.gen(function*() {
            const address = WalletAddress.make(numberToHex(at, { size: 20 }))
            assert.strictEqual(yield* verify({ address, signature }), "SignatureInvalid")
            const wrapped = serializeErc6492Signature({ address: hex(address), data: "0x", signature })
            assert.strictEqual(yield* verify({ address, signature: wrapped }), "SignatureInvalid")
          })
      )
    })

    describe("Contract wallets that are not deployed yet (EIP-6492)", () => {
      it.effect("sign in with a signature that describes their deployment, and stay undeployed", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const { address, wrap } = yield* home.futureWallet(owner.address, salt("sign in"))
          assert.strictEqual(yield* verify({ address, signature: wrap(signature) }), "contract")
          assert.strictEqual(yield* home.code(address), "0x")
          assert.strictEqual(
            yield* verify({ address, signature: `0x${wrap(signature).slice(2).toUpperCase()}` }),
            "contract"
          )
        }))

      it.effect("sign in with the same wrapper once they are deployed", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const { address, deployment, factory, wrap } = yield* home.futureWallet(
            owner.address,
            salt("deployed since")
          )
          yield* home.send(factory, deployment)
          assert.notStrictEqual(yield* home.code(address), "0x")
          assert.strictEqual(yield* verify({ address, signature: wrap(signature) }), "contract")
          assert.strictEqual(yield* verify({ address, signature }), "contract")
          assert.strictEqual(yield* verify({ address, signature: wrap(byMallory) }), "SignatureInvalid")
        }))

      it.effect("refuse a signature without a wrapper", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const { address } = yield* home.futureWallet(owner.address, salt("bare"))
          assert.strictEqual(yield* verify({ address, signature }), "SignatureInvalid")
        }))

      it.effect("refuse what another key signed, and what their owner signed for another text", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const { address, wrap } = yield* home.futureWallet(owner.address, salt("other signer"))
          assert.strictEqual(yield* verify({ address, signature: wrap(byMallory) }), "SignatureInvalid")
          assert.strictEqual(
            yield* verify({ address, signature: wrap(signature), message: `${message}\n` }),
            "SignatureInvalid"
          )
        }))

      it.effect("refuse the deployment of another contract", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const { address } = yield* home.futureWallet(owner.address, salt("mine"))
          const ofMallory = yield* home.futureWallet(mallory.address, salt("mine"))
          const elsewhere = yield* home.futureWallet(owner.address, salt("not mine"))
          assert.strictEqual(yield* verify({ address, signature: ofMallory.wrap(byMallory) }), "SignatureInvalid")
          assert.strictEqual(yield* verify({ address, signature: elsewhere.wrap(signature) }), "SignatureInvalid")
          const permissive = encodeFunctionData({
            abi: wallets.contracts.WalletFactory.abi,
            functionName: "deployPermissive",
            args: [salt("mine")]
          })
          const other = serializeErc6492Signature({ address: hex(ofMallory.factory), data: permissive, signature })
          assert.strictEqual(yield* verify({ address, signature: other }), "SignatureInvalid")
        }))

      it.effect.each<readonly [what: string, name: Anvil.ContractName, ...args: ReadonlyArray<Hex>]>([
        ["reverts", "Reverting"],
        ["loops until its gas is gone", "Looping"],
        ["does nothing but answer", "Answering", magic]
      ])("refuse a factory that %s", ([, name, ...args]) =>
        Effect.gen(function*() {
          const factory = yield* deploy(name, ...args)
          const wrapped = serializeErc6492Signature({ address: hex(factory), data: "0x", signature })
          assert.strictEqual(yield* verify({ address: nowhere, signature: wrapped }), "SignatureInvalid")
        }))

      it.effect("refuse a factory that does not exist", () =>
        Effect.gen(function*() {
          const wrapped = serializeErc6492Signature({ address: hex(nowhere), data: "0x", signature })
          assert.strictEqual(yield* verify({ address: nowhere, signature: wrapped }), "SignatureInvalid")
        }))

      it.effect("refuse a factory of another chain", () =>
        Effect.gen(function*() {
          const { home, other } = yield* Chains
          const { address, wrap } = yield* home.futureWallet(owner.address, salt("elsewhere"))
          assert.strictEqual(
            yield* verify({ address, signature: wrap(signature), chainId: other.chainId }),
            "SignatureInvalid"
          )
        }))

      it.effect.each<readonly [what: string, signature: Hex]>([
        ["the suffix alone", `0x${eip6492Suffix}`],
        ["the suffix at a plain signature", `${signature}${eip6492Suffix}`],
        ["offsets that lead astray", `0x${"ff".repeat(96)}${eip6492Suffix}`],
        ["offsets that lead back", `0x${"00".repeat(96)}${eip6492Suffix}`],
        ["nothing inside", serializeErc6492Signature({ address: hex(nowhere), data: "0x", signature: "0x" })]
      ])("refuse a broken wrapper: %s", ([, broken]) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* verify({ address: nowhere, signature: broken }), "SignatureInvalid")
          const lenient = yield* deploy("PermissiveWallet")
          assert.strictEqual(yield* verify({ address: lenient, signature: broken }), "SignatureInvalid")
        }))

      it.effect("refuse a preparation that would change a deployed wallet first", () =>
        Effect.gen(function*() {
          const address = yield* deploy("OpenWallet", owner.address)
          const data = encodeFunctionData({
            abi: wallets.contracts.OpenWallet.abi,
            functionName: "setOwner",
            args: [mallory.address]
          })
          const wrapped = serializeErc6492Signature({ address: hex(address), data, signature: byMallory })
          assert.strictEqual(yield* verify({ address, signature: wrapped }), "SignatureInvalid")
        }))
    })

    describe("Externally owned accounts", () => {
      /** A person with a key, whose account runs this contract's code (EIP-7702). */
      const delegatedTo = Effect.fnUntraced(function*(name: Anvil.ContractName, ...args: ReadonlyArray<unknown>) {
        const { home } = yield* Chains
        const account = privateKeyToAccount(generatePrivateKey())
        const code = yield* deploy(name, ...args)
        yield* home.setCode(addressOf(account), `0xef0100${code.slice(2)}`)
        return { account, signed: yield* Effect.promise(() => account.signMessage({ message })) }
      })

      it.effect("remain such when the account delegates to a contract (EIP-7702)", () =>
        Effect.gen(function*() {
          for (const name of ["Reverting", "OwnedWallet"] as const) {
            const { account, signed } = yield* delegatedTo(name, ...(name === "OwnedWallet" ? [mallory.address] : []))
            assert.strictEqual(yield* verify({ address: addressOf(account), signature: signed }), "eoa")
          }
        }))

      it.effect("share their address with the contract to which the account delegates", () =>
        Effect.gen(function*() {
          const { other } = yield* Chains
          const { account } = yield* delegatedTo("PermissiveWallet")
          const address = addressOf(account)
          assert.strictEqual(yield* verify({ address, signature: byMallory }), "contract")
          assert.strictEqual(
            yield* verify({ address, signature: byMallory, chainId: other.chainId }),
            "SignatureInvalid"
          )
        }))

      it.effect("have exactly one encoding of a signature", () =>
        Effect.gen(function*() {
          const address = addressOf(owner)
          assert.strictEqual(yield* verify({ address, signature }), "eoa")
          const idle = yield* deploy("Answering", "0x01")
          for (const inner of [signature, malleated(signature)]) {
            const wrapped = serializeErc6492Signature({ address: hex(idle), data: "0x", signature: inner })
            assert.strictEqual(yield* verify({ address, signature: wrapped }), "SignatureInvalid")
          }
          assert.strictEqual(yield* verify({ address, signature: malleated(signature) }), "SignatureInvalid")
          assert.strictEqual(yield* verify({ address, signature: byMallory }), "SignatureInvalid")
        }))

      it.effect("sign no delegation along with a signature (ERC-8010)", () =>
        Effect.gen(function*() {
          const { home } = yield* Chains
          const delegate = yield* deploy("PermissiveWallet")
          const authorization = yield* Effect.promise(() =>
            owner.signAuthorization({ contractAddress: hex(delegate), chainId: home.chainId, nonce: 0 })
          )
          const wrapped = serializeErc8010Signature({
            authorization,
            signature
          })
          for (const spelling of [wrapped, `0x${wrapped.slice(2).toUpperCase()}`]) {
            assert.strictEqual(yield* verify({ address: addressOf(owner), signature: spelling }), "SignatureInvalid")
            assert.strictEqual(yield* verify({ address: delegate, signature: spelling }), "SignatureInvalid")
          }
        }))
    })
  })
})
