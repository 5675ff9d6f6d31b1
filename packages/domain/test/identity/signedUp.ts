/**
 * A user who has signed in for the first time, without a signature or LinkedIn.
 */
import {
  type DisplayName,
  Identities,
  IdentityAdministration,
  type LinkedInGrant,
  SignIn,
  UserRepository,
  WalletAddress
} from "@dchat/domain/identity"
import { Array, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { application, grantOf, someProfile } from "./LinkedInAnswers.ts"
import { signedIn } from "./signedIn.ts"

export const someAddress = () => WalletAddress.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(20))}`)

/** As others see them; with a wallet of this address. */
export const signedUp = (options: {
  readonly status?: "active" | "disabled"
  readonly address?: WalletAddress
  readonly displayName?: DisplayName
} = {}) => Effect.orDie(signUp(options))

const signUp = Effect.fnUntraced(function*(
  { address = someAddress(), displayName, status }: NonNullable<Parameters<typeof signedUp>[0]>
) {
  const id = yield* (yield* SignIn).earnByWallet({ kind: "eoa", address }, {}, ({ userId }) => Effect.succeed(userId))
  if (displayName !== undefined) {
    yield* (yield* Identities).editProfile(yield* signedIn(id), { displayName }, {})
  }
  if (status === "disabled") {
    yield* (yield* IdentityAdministration).disable(id, { actor: "somebody", reason: "a test" })
  }
  return yield* Effect.fromOption(Array.head(yield* (yield* UserRepository).findByIds([id])))
})

/** A user who has signed up by LinkedIn, in a new session. */
export const signedUpByLinkedIn = (grant: LinkedInGrant = grantOf(someProfile())) =>
  Effect.flatMap(
    SignIn,
    (signIn) => signIn.earnByLinkedIn(grant, application, {}, ({ userId }) => Effect.succeed(userId))
  ).pipe(
    Effect.flatMap(signedIn),
    Effect.orDie
  )
