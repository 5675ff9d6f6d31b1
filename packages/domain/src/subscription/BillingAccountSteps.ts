/**
 * Carries out a command: load the account, decide, append at the loaded version, publish. A step that loses a race is
 * decided again on the newest state.
 */
import { Array, DateTime, Effect, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { resolveRaces } from "../decision/Races.ts"
import type { RecordedRequest } from "../idempotency/index.ts"
import { UserId } from "../identity/model/UserId.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "./model/SubscriptionCommand.ts"
import type { SubscriptionCause, SubscriptionRecord } from "./model/SubscriptionEvent.ts"
import { OutboxId } from "./model/SubscriptionIds.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionBus } from "./ports/SubscriptionBus.ts"
import {
  type AccountAppend,
  type AccountMoved,
  BillingAccountConflict,
  SubscriptionRepository
} from "./ports/SubscriptionRepository.ts"
import { type BillingAccountStep, decide, type SubscriptionRefusalOf } from "./rules/BillingAccountMachine.ts"

/** Concurrent steps kept changing the account. Try again later. */
export class AccountContended extends Schema.TaggedError<AccountContended>()("AccountContended", { userId: UserId }) {
  override get message() {
    return "other requests changed the billing account at the same time: try again"
  }
}

/** The refusals of a command, and the failure of a step that keeps losing races. */
export type StepRefusal<Tag extends SubscriptionCommand["_tag"]> = SubscriptionRefusalOf<Tag> | AccountContended

export interface StepTaken {
  readonly account: BillingAccount
  /** Empty if nothing changed. */
  readonly records: ReadonlyArray<SubscriptionRecord>
}

/** The request to record, given the account after the step. */
export type RequestOf = (account: BillingAccount) => RecordedRequest

/** An observation that changes nothing is not stored. */
const isNews = ({ intents, records, syncs }: BillingAccountStep): boolean =>
  intents.length > 0 || syncs.length > 0 || records.some(({ event }) => event._tag !== "Synced")

/** A decision with its entries for the provider; undefined if nothing changes. */
export const appendWith = (
  { version: expected }: BillingAccount,
  { account, records, syncs }: BillingAccountStep,
  outbox: AccountAppend["outbox"]
): AccountAppend | undefined =>
  Array.isReadonlyArrayNonEmpty(records) ? { expected, account, records, outbox, syncs } : undefined

/** A decision with new ids for its intents; undefined if nothing changes. */
export const appendOf = Effect.fnUntraced(function*(
  random: typeof SecureRandom.SecureRandom.Service,
  before: BillingAccount,
  decided: BillingAccountStep
) {
  const outbox = yield* Effect.forEach(
    decided.intents,
    (it) => Effect.map(random.uuidV7(), (id) => ({ ...it, id: OutboxId.make(id) }))
  )
  return appendWith(before, decided, outbox)
})

const isConflict = (error: unknown): error is BillingAccountConflict => error instanceof BillingAccountConflict

/** Whether another decision on the newest account resolves the error. */
const isRace = (error: unknown): error is BillingAccountConflict & { readonly reason: AccountMoved } =>
  isConflict(error) && error.reason._tag === "AccountMoved"

/** Repeats an attempt to load the account, to decide and to append, while other steps change the account. */
export const resolveAccountRaces = <A, E, R>(userId: UserId, attempt: Effect.Effect<A, E, R>) =>
  resolveRaces(attempt, isRace, () => new AccountContended({ userId }))

/** Decides on an account that was loaded before, and appends. Publishes nothing, so it can be a part of a transaction. */
export const makeBillingAccountStep = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const random = yield* SecureRandom.SecureRandom
  const plans = yield* Catalogue

  return Effect.fnUntraced(function*<Tag extends SubscriptionCommand["_tag"]>(
    before: BillingAccount,
    command: SubscriptionCommandOf<Tag>,
    cause: SubscriptionCause,
    request?: RequestOf
  ): Effect.fn.Return<StepTaken, SubscriptionRefusalOf<Tag> | BillingAccountConflict> {
    const decided = yield* Effect.fromResult(decide(command, before, yield* DateTime.now, cause, plans))
    const append = isNews(decided) ? yield* appendOf(random, before, decided) : undefined
    if (append === undefined) return { account: before, records: [] }
    yield* repository.append({ ...append, request: request?.(decided.account) })
    return { account: decided.account, records: decided.records }
  })
})

export const makeBillingAccountSteps = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const bus = yield* SubscriptionBus
  const step = yield* makeBillingAccountStep

  const publish = ({ account: { userId }, records }: StepTaken) =>
    records.length === 0 ? Effect.void : bus.publish({ userId })

  /** Fails with `BillingAccountConflict` only if another decision would not resolve the conflict. */
  const perform = <Tag extends SubscriptionCommand["_tag"]>(
    userId: UserId,
    command: SubscriptionCommandOf<Tag>,
    cause: SubscriptionCause,
    request?: RequestOf
  ): Effect.Effect<StepTaken, StepRefusal<Tag> | BillingAccountConflict> =>
    resolveAccountRaces(
      userId,
      Effect.flatMap(repository.load(userId), (before) => step(before, command, cause, request))
    ).pipe(Effect.tap(publish), Effect.uninterruptible)

  /** Decides on an account that was loaded before. Fails with `AccountMoved` if the account has another version now. */
  const performOn = <Tag extends SubscriptionCommand["_tag"]>(
    before: BillingAccount,
    command: SubscriptionCommandOf<Tag>,
    cause: SubscriptionCause
  ): Effect.Effect<StepTaken, SubscriptionRefusalOf<Tag> | AccountMoved> =>
    step(before, command, cause).pipe(
      Effect.catchIf(
        isConflict,
        ({ reason }) => reason._tag === "AccountMoved" ? Effect.fail(reason) : Effect.die(reason)
      ),
      Effect.tap(publish),
      Effect.uninterruptible
    )

  return { perform, performOn }
})
