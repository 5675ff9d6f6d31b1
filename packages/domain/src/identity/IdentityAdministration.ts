/**
 * The operations of administrators on the identity of any user.
 */
import { Array, Context, DateTime, Effect, Layer } from "effect"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import type { Identity } from "./model/Identity.ts"
import type { UserId } from "./model/UserId.ts"
import { IdentityBus } from "./ports/IdentityBus.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import type { IdentityRefusalOf } from "./rules/IdentityMachine.ts"

/** The administrator and the reason of an operation. Both are stored. */
export interface Administrator {
  readonly actor: string
  readonly reason: string
}

export class IdentityAdministration extends Context.Service<IdentityAdministration, {
  /** Ends every session of a user, and refuses sign-in until the user is enabled. */
  disable(id: UserId, by: Administrator): Effect.Effect<Identity, IdentityRefusalOf<"Disable">>
  enable(id: UserId, by: Administrator): Effect.Effect<Identity, IdentityRefusalOf<"Enable">>
}>()("@dchat/domain/identity/IdentityAdministration") {
  static readonly layer = Layer.effect(
    IdentityAdministration,
    Effect.gen(function*() {
      const sessions = yield* SessionRepository
      const bus = yield* IdentityBus
      const { perform } = yield* makeIdentitySteps

      const administer = Effect.fnUntraced(function*(id: UserId, by: Administrator, _tag: "Disable" | "Enable") {
        const { identity, result } = yield* perform(
          id,
          { _tag: "Admin", ...by },
          () => Effect.succeed({ _tag, reason: by.reason }),
          ({ status }) =>
            status === "active"
              ? Effect.succeed([])
              : Effect.flatMap(DateTime.now, (now) => sessions.revokeAllOf([id], now))
        ).pipe(Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure)))
        if (Array.isReadonlyArrayNonEmpty(result)) yield* bus.publish({ _tag: "SessionsEnded", sessions: result })
        return identity
      })

      return IdentityAdministration.of({
        disable: Effect.fn("IdentityAdministration.disable")((id, by) => administer(id, by, "Disable")),
        enable: Effect.fn("IdentityAdministration.enable")((id, by) => administer(id, by, "Enable"))
      })
    })
  )
}
