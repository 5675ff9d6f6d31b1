/**
 * Keeps identities in a map, one step at a time: for tests and examples. If a step fails, the effects of `alongside`
 * are not undone.
 */
import {
  CredentialTaken,
  deletedName,
  type Identity,
  IdentityRepository,
  type IdentityStep,
  isSameWallet,
  recordedCauseOf,
  recordOf,
  type UserId
} from "@dchat/domain/identity"
import { Effect, Layer, Option, Semaphore } from "effect"
import { MemoryIdentityStore } from "./MemoryIdentityStore.ts"

const byId = (one: Identity, other: Identity) => one.id < other.id ? -1 : 1

export const layer = Layer.effect(
  IdentityRepository,
  Effect.gen(function*() {
    const { activity, identities } = yield* MemoryIdentityStore
    const oneAtATime = yield* Semaphore.make(1)

    const holder = (holds: (identity: Identity) => boolean) =>
      Effect.sync(() => Option.fromUndefinedOr([...identities.values()].find(holds)?.id))

    /** Whether a credential that a user holds after a step is held by another user whom the step does not change. */
    const isTaken = (changes: IdentityStep<unknown>["changes"]) => {
      const changed = new Set(changes.map(({ identity }) => identity.id))
      const others = [...identities.values()].filter(({ id }) => !changed.has(id))
      return changes.some(({ identity }) =>
        others.some((other) =>
          identity.wallets.some((wallet) => other.wallets.some((theirs) => isSameWallet(theirs, wallet))) ||
          identity.accounts.some(({ clientId, profile }) =>
            other.accounts.some((theirs) => theirs.clientId === clientId && theirs.profile.subject === profile.subject)
          )
        )
      )
    }

    const absorbedBy = (id: UserId): ReadonlyArray<UserId> => {
      const direct = [...identities.values()].filter(({ mergedInto }) => mergedInto === id).map((one) => one.id)
      return [...direct, ...direct.flatMap(absorbedBy)]
    }

    /** Deletes the activity of a user and of all users merged into them, with their names. */
    const forget = (id: UserId) => {
      activity.delete(id)
      for (const absorbed of absorbedBy(id)) {
        activity.delete(absorbed)
        const tombstone = identities.get(absorbed)
        if (tombstone !== undefined) identities.set(absorbed, { ...tombstone, displayName: deletedName })
      }
    }

    const keep = Effect.fnUntraced(function*({ at, cause, changes }: Omit<IdentityStep<unknown>, "alongside">) {
      if (isTaken(changes)) return yield* new CredentialTaken()
      for (const { events, identity } of changes) {
        const first = identity.version - events.length + 1
        const records = events.map((event, index) => ({
          userId: identity.id,
          seq: first + index,
          at,
          event: recordOf(event),
          cause: recordedCauseOf(cause)
        }))
        if (identity.status === "deleted") forget(identity.id)
        const before = activity.get(identity.id) ?? []
        identities.set(identity.id, identity)
        activity.set(identity.id, [...before, ...records])
      }
    })

    return IdentityRepository.of({
      load: (id) => Effect.sync(() => Option.fromUndefinedOr(identities.get(id))),
      ownerOfWallet: (wallet) => holder(({ wallets }) => wallets.some((own) => isSameWallet(own, wallet))),
      ownerOfAccount: (clientId, subject) =>
        holder(({ accounts }) => accounts.some((own) => own.clientId === clientId && own.profile.subject === subject)),
      create: (step) => oneAtATime.withPermit(Effect.andThen(keep(step), step.alongside)),
      change: (ids, decide) =>
        Effect.gen(function*() {
          const people = [...new Set(ids)].flatMap((id) => identities.get(id) ?? []).toSorted(byId)
          const step = yield* decide(people)
          yield* keep(step)
          return yield* step.alongside
        }).pipe(oneAtATime.withPermit),
      activity: (id, { before = Infinity, limit }) =>
        Effect.sync(() => (activity.get(id) ?? []).filter(({ seq }) => seq < before).toReversed().slice(0, limit)),
      absorbedBy: (id) => Effect.sync(() => absorbedBy(id))
    })
  })
)
