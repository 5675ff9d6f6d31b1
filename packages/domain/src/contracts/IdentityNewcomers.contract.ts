import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer, Option } from "effect"
import { ChainId, IdentityRepository, UserRepository } from "../identity/index.ts"
import { application, newcomer, signUp, someAccount, someProfile, someWallet } from "./support/identityFixtures.ts"
import { create, eventsOf, load, oneOf, type Ports } from "./support/identitySteps.ts"

/** The part of the contract of `IdentityRepository` about users who sign in for the first time. */
export const identityNewcomersContract = <E>(name: string, subject: Layer.Layer<Ports, E>) =>
  layer(subject)(`${name}, with newcomers`, (it) => {
    it.effect("creates one user for 200 concurrent first sign-ins with one wallet", () =>
      Effect.gen(function*() {
        const { ownerOfWallet } = yield* IdentityRepository
        const wallet = someWallet()
        const newcomers = Array.makeBy(200, () => newcomer({ wallets: [someWallet({ address: wallet.address })] }))
        yield* oneOf(newcomers, ownerOfWallet(wallet))
      }))

    it.effect("creates one user for 200 concurrent first sign-ins with one contract wallet", () =>
      Effect.gen(function*() {
        const { ownerOfWallet } = yield* IdentityRepository
        const wallet = someWallet({ kind: "contract", chainId: ChainId.make(10) })
        const newcomers = Array.makeBy(200, () => newcomer({ wallets: [{ ...wallet, id: someWallet().id }] }))
        yield* oneOf(newcomers, ownerOfWallet(wallet))
      }))

    it.effect("creates one user for 200 concurrent first sign-ins with one LinkedIn account", () =>
      Effect.gen(function*() {
        const { ownerOfAccount } = yield* IdentityRepository
        const { subject } = someProfile()
        const newcomers = Array.makeBy(200, () => newcomer({ accounts: [someAccount({ subject })] }))
        yield* oneOf(newcomers, ownerOfAccount(application, subject))
      }))

    it.effect("stores nothing of a new user whose wallet or account belongs to another user", () =>
      Effect.gen(function*() {
        const wallet = someWallet()
        const account = someAccount()
        yield* signUp({ wallets: [wallet], accounts: [account] })
        const late = [
          newcomer({ wallets: [someWallet({ address: wallet.address })], accounts: [someAccount()] }),
          newcomer({ wallets: [someWallet()], accounts: [someAccount({ subject: account.profile.subject })] })
        ]
        for (const change of late) {
          assert.strictEqual((yield* Effect.flip(create(change)))._tag, "CredentialTaken")
          assert.deepStrictEqual(yield* load(change.identity.id), Option.none())
          assert.deepStrictEqual(yield* eventsOf(change.identity.id), [])
          assert.deepStrictEqual(yield* (yield* UserRepository).findByIds([change.identity.id]), [])
        }
      }))
  })
