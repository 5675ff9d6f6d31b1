/**
 * Steps on stored identities, for the contract of their repository.
 */
import { assert } from "@effect/vitest"
import { Array, Effect, Option, Result } from "effect"
import {
  type AccountTokenRepository,
  type Identity,
  type IdentityChange,
  IdentityRepository,
  merge,
  type UserId,
  UserRepository,
  type Wallet
} from "../../identity/index.ts"
import { after, byTest, heldBy, noon, type someAccount, someUserId } from "./identityFixtures.ts"

export type Ports = IdentityRepository | UserRepository | AccountTokenRepository

export const load = (id: UserId) => Effect.flatMap(IdentityRepository, (identities) => identities.load(id))

export const create = (change: IdentityChange) =>
  Effect.flatMap(
    IdentityRepository,
    (identities) => identities.create({ changes: [change], cause: byTest, at: noon, alongside: Effect.void })
  )

/** The names of a user's events, the oldest first. */
export const eventsOf = Effect.fnUntraced(function*(id: UserId) {
  const activity = yield* (yield* IdentityRepository).activity(id, { limit: 1000 })
  return activity.map(({ event }) => event._tag).toReversed()
})

/** One step that changes these users, and yields to other fibers while it decides. */
export const step = <A, E, R>(
  ids: ReadonlyArray<UserId>,
  changesOf: (people: ReadonlyArray<Identity>) => ReadonlyArray<IdentityChange>,
  alongside: Effect.Effect<A, E, R>
) =>
  Effect.flatMap(
    IdentityRepository,
    (identities) =>
      identities.change(ids, (people) =>
        Effect.map(Effect.yieldNow, () => ({ changes: changesOf(people), cause: byTest, at: noon, alongside })))
  )

/** Increments the number in the company of each of these users, read and written in one step. */
export const countUp = (...ids: ReadonlyArray<UserId>) =>
  step(
    ids,
    (people) =>
      people.map((one) => after(one, [{ _tag: "ProfileEdited", company: String(Number(one.company ?? 0) + 1) }])),
    Effect.void
  )

export const companyOf = (id: UserId) => Effect.map(load(id), Option.flatMapNullishOr(({ company }) => company))

/** Merges two users in one step. */
export const absorb = (survivor: UserId, absorbed: UserId) =>
  step([survivor, absorbed], (people) => {
    const [one, other] = [survivor, absorbed].map((id) => people.find((it) => it.id === id))
    if (one === undefined || other === undefined) throw new Error("both have to be there")
    const events = Result.getOrThrow(merge(one, other, heldBy(other), noon))
    return [after(other, events.absorbed), after(one, events.survivor)]
  }, Effect.void)

export const unlinked = ({ id }: Wallet) => ({ _tag: "WalletUnlinked", walletId: id } as const)

/** Runs all of these at once. One is stored and becomes the owner; the others are refused and leave nothing behind. */
export const oneOf = Effect.fnUntraced(function*<R>(
  newcomers: ReadonlyArray<IdentityChange>,
  owner: Effect.Effect<Option.Option<UserId>, never, R>
) {
  const answers = yield* Effect.forEach(newcomers, (change) => Effect.result(create(change)), {
    concurrency: "unbounded"
  })
  const refused = answers.flatMap((answer) => Result.isFailure(answer) ? answer.failure._tag : [])
  assert.deepStrictEqual(refused, Array.makeBy(newcomers.length - 1, () => "CredentialTaken" as const))
  const kept = yield* (yield* UserRepository).findByIds(newcomers.map(({ identity }) => identity.id))
  assert.deepStrictEqual(kept.map(({ id }) => Option.some(id)), [yield* owner])
  const winner = newcomers.find(({ identity }) => identity.id === kept[0]?.id)
  assert.deepStrictEqual(yield* load(winner?.identity.id ?? someUserId()), Option.fromUndefinedOr(winner?.identity))
})

/** The text without the characters that some stores cannot hold. */
export const writable = (text: string) => text.toWellFormed().replaceAll("\0", "")

/** An account for which LinkedIn gives only the subject. */
export const bare = (account: ReturnType<typeof someAccount>) => ({
  ...account,
  profile: { subject: account.profile.subject, name: "", emailVerified: false }
})
