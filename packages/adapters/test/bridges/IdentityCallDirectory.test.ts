import { IdentityCallDirectory } from "@dchat/adapters/bridges"
import { MemoryIdentity } from "@dchat/adapters/memory"
import { CallDirectory } from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { happened, signUp, someUserId } from "../../../domain/src/contracts/support/identityFixtures.ts"

const subject = IdentityCallDirectory.layer.pipe(Layer.provideMerge(MemoryIdentity.layer))

layer(subject)("IdentityCallDirectory", (it) => {
  it.effect("knows all users who are neither disabled, deleted nor merged", () =>
    Effect.gen(function*() {
      const { known } = yield* CallDirectory
      const [ann, disabled] = [yield* signUp(), yield* signUp({ status: "disabled" })]
      const [deleted, merged] = [yield* signUp(), yield* signUp()]
      yield* happened(deleted.id, { _tag: "Deleted" })
      yield* happened(merged.id, { _tag: "MergedInto", userId: ann.id })
      const all = [ann, disabled, deleted, merged].map(({ id }) => id)
      assert.deepStrictEqual(yield* known([...all, someUserId()]), new Set([ann.id]))
      assert.deepStrictEqual(yield* known([]), new Set())
    }))

  it.effect("resolves a merged user to the surviving user", () =>
    Effect.gen(function*() {
      const { aliases } = yield* CallDirectory
      const [ann, bob, cat] = [yield* signUp(), yield* signUp(), yield* signUp()]
      yield* happened(ann.id, { _tag: "MergedInto", userId: bob.id })
      yield* happened(bob.id, { _tag: "MergedInto", userId: cat.id })
      assert.sameMembers([...yield* aliases(cat.id)], [cat.id, bob.id, ann.id])
      assert.deepStrictEqual(yield* aliases(ann.id), [ann.id])
    }))
})
