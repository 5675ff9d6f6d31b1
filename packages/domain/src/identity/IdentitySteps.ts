/**
 * One step of a user's identity: load under a lock, decide, store, publish.
 */
import { DateTime, Effect } from "effect"
import type { AuditCause } from "./model/AuditEvent.ts"
import type { Identity } from "./model/Identity.ts"
import type { IdentityCommandOf } from "./model/IdentityCommand.ts"
import { UserNotFound } from "./model/IdentityErrors.ts"
import { changesCredentials, type IdentityEvent } from "./model/IdentityEvent.ts"
import type { UserId } from "./model/UserId.ts"
import { IdentityBus } from "./ports/IdentityBus.ts"
import { type CredentialTaken, type IdentityChange, IdentityRepository } from "./ports/IdentityRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"
import { evolve, start } from "./rules/IdentityEvolution.ts"
import { decide, type IdentityRefusalOf, type KnownUserCommand } from "./rules/IdentityMachine.ts"

/** A user after these events. */
export const replay = (
  identity: Identity,
  events: ReadonlyArray<IdentityEvent>,
  at: DateTime.Utc
): Identity => events.reduce((state, event) => evolve(state, event, at), identity)

/** A new user, from the first events. */
export const beginning = (events: ReadonlyArray<IdentityEvent>, at: DateTime.Utc): IdentityChange => {
  const [first, ...rest] = events
  if (first?._tag !== "Registered") throw new Error("an identity begins with Registered")
  return { identity: replay(start(first, at), rest, at), events }
}

export interface StepOutcome<A> {
  readonly identity: Identity
  readonly events: ReadonlyArray<IdentityEvent>
  readonly result: A
}

export const makeIdentitySteps = Effect.gen(function*() {
  const repository = yield* IdentityRepository
  const bus = yield* IdentityBus
  const { voidOf } = yield* SingleUse

  /**
   * `commandFor` runs under the lock, and may look up current data. `alongside` runs in the same transaction. If the
   * ways to sign in change, the user's earlier rights are voided in that transaction as well.
   */
  const perform = <Tag extends KnownUserCommand, A, E, R, E2, R2>(
    id: UserId,
    cause: AuditCause,
    commandFor: (identity: Identity) => Effect.Effect<IdentityCommandOf<Tag>, E, R>,
    alongside: (identity: Identity, events: ReadonlyArray<IdentityEvent>) => Effect.Effect<A, E2, R2>
  ): Effect.Effect<StepOutcome<A>, E | E2 | UserNotFound | IdentityRefusalOf<Tag> | CredentialTaken, R | R2> =>
    repository.change(
      [id],
      Effect.fnUntraced(function*([identity]: ReadonlyArray<Identity>) {
        if (identity === undefined) return yield* new UserNotFound({ userId: id })
        const command = yield* commandFor(identity)
        const at = yield* DateTime.now
        const events = yield* Effect.fromResult(decide<Tag>(command, identity, at))
        const after = replay(identity, events, at)
        return {
          changes: events.length === 0 ? [] : [{ identity: after, events }],
          cause,
          at,
          alongside: Effect.andThen(
            events.some(changesCredentials) ? voidOf([id]) : Effect.void,
            Effect.map(alongside(after, events), (result) => ({ identity: after, events, result }))
          )
        }
      })
    ).pipe(
      Effect.tap(({ events }) =>
        events.length === 0 ? Effect.void : bus.publish({ _tag: "IdentityChanged", userId: id })
      )
    )

  return { perform }
})
