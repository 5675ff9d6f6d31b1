/**
 * The LinkedIn profile of a user: the stored profile, and reading the profile again.
 */
import { Context, Effect, Layer, Option } from "effect"
import { Identities } from "./Identities.ts"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import { accountOf, type Identity } from "./model/Identity.ts"
import { LinkedInNotLinked, LinkedInReauthorizationRequired, type UserNotFound } from "./model/IdentityErrors.ts"
import type { LinkedAccount } from "./model/LinkedAccount.ts"
import type { Origin } from "./model/Origin.ts"
import type { SignedIn } from "./model/Session.ts"
import type { OwnRefusal } from "./OwnSteps.ts"
import { LinkedIn, type LinkedInFailed, type LinkedInNotConfigured } from "./ports/LinkedIn.ts"
import { Sessions } from "./Sessions.ts"

export class LinkedInProfiles extends Context.Service<LinkedInProfiles, {
  get(who: SignedIn): Effect.Effect<LinkedAccount, LinkedInNotLinked | UserNotFound>
  /** Reads the profile from LinkedIn with the stored access token. */
  sync(
    who: SignedIn,
    origin: Origin
  ): Effect.Effect<
    LinkedAccount,
    | OwnRefusal<"SyncAccount">
    | LinkedInFailed
    | LinkedInNotConfigured
    | LinkedInReauthorizationRequired
  >
}>()("@dchat/domain/identity/LinkedInProfiles") {
  static readonly layer = Layer.effect(
    LinkedInProfiles,
    Effect.gen(function*() {
      const linkedIn = yield* LinkedIn
      const identities = yield* Identities
      const sessions = yield* Sessions
      const tokens = yield* LinkedInTokens
      const { perform } = yield* makeIdentitySteps

      const linked = (identity: Identity) =>
        Effect.mapError(
          Effect.fromNullishOr(accountOf(identity, Option.getOrUndefined(linkedIn.clientId)) ?? identity.accounts[0]),
          () => new LinkedInNotLinked()
        )

      const get = Effect.fn("LinkedInProfiles.get")((who: SignedIn) =>
        Effect.flatMap(identities.me(who.user.id), linked)
      )

      const sync = Effect.fn("LinkedInProfiles.sync")(function*(who: SignedIn, origin: Origin) {
        const account = yield* get(who)
        const token = yield* tokens.open(account.id)
        const profile = yield* Effect.catchIf(
          linkedIn.profile(token, account.profile.subject),
          (failure) => failure._tag === "LinkedInFailed" && failure.reason === "reauthorization_required",
          () => Effect.andThen(tokens.forget(account.id), Effect.fail(new LinkedInReauthorizationRequired()))
        )
        const { identity } = yield* perform(
          who.user.id,
          { _tag: "User", sessionId: who.session.id, origin },
          () =>
            Effect.as(sessions.current(who.session), { _tag: "SyncAccount", accountId: account.id, profile } as const),
          () => Effect.void
        ).pipe(Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure)))
        return yield* linked(identity)
      })

      return LinkedInProfiles.of({ get, sync })
    })
  )
}
