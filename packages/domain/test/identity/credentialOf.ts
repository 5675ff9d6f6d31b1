/**
 * The proved credential of a user.
 */
import { Identities, type Proved, type UserId } from "@dchat/domain/identity"
import { DateTime, Effect } from "effect"
import { heldBy } from "../../src/contracts/support/identityFixtures.ts"

export { heldBy }

export const credentialOf = Effect.fnUntraced(function*(id: UserId) {
  return heldBy(yield* (yield* Identities).me(id))
})

/** This user, with a proof from this moment. */
export const provedBy = Effect.fnUntraced(function*(userId: UserId) {
  const proved: Proved = { userId, credential: yield* credentialOf(userId), at: yield* DateTime.now }
  return proved
}, Effect.orDie)
