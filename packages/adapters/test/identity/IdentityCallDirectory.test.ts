import { IdentityCallDirectory } from "@dchat/adapters/identity"
import { MemoryUserRepository } from "@dchat/adapters/memory"
import { CallDirectory } from "@dchat/domain/call"
import { UserRepository } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { someUser, walletOf } from "../support/identityFixtures.ts"

const subject = IdentityCallDirectory.layer.pipe(Layer.provideMerge(MemoryUserRepository.layer))

layer(subject)("IdentityCallDirectory", (it) => {
  it.effect("knows everybody who has signed up and is not disabled", () =>
    Effect.gen(function*() {
      const users = yield* UserRepository
      const { known } = yield* CallDirectory
      const [ann, bob, disabled] = [someUser(), someUser(), someUser({ status: "disabled" })]
      yield* Effect.forEach([ann, bob, disabled], (user) => users.createOrLoadByWallet(user, walletOf(user)))
      assert.deepStrictEqual(yield* known([ann.id, disabled.id, someUser().id]), new Set([ann.id]))
      assert.deepStrictEqual(yield* known([]), new Set())
    }))
})
