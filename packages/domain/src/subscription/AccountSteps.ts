/**
 * Takes an account one step further: load, decide, append at the version decided on, tell. Whoever loses a race decides
 * again on the newest state.
 */
import { Array, type Context, DateTime, Effect, Schedule, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { UserId } from "../identity/UserId.ts"
import { decide } from "./AccountMachine.ts"
import type { SubscriptionAccount } from "./SubscriptionAccount.ts"
import { SubscriptionBus } from "./SubscriptionBus.ts"
import type { SubscriptionCommand } from "./SubscriptionCommand.ts"
import type { SubscriptionRefusal } from "./SubscriptionErrors.ts"
import type { SubscriptionCause, SubscriptionRecord } from "./SubscriptionEvent.ts"
import { OutboxId } from "./SubscriptionIds.ts"
import { AccountConflict, type PurchaseRequestKey, SubscriptionRepository } from "./SubscriptionRepository.ts"

/** Others keep getting ahead of this step. Trying again later helps. */
export class AccountContended extends Schema.TaggedError<AccountContended>()("AccountContended", { userId: UserId }) {
  override get message() {
    return "the account is being changed by too many at once"
  }
}

/** How often a step is tried that others get ahead of. */
const attempts = 24

export interface StepTaken {
  readonly account: SubscriptionAccount
  /** None where there was nothing to do. */
  readonly records: ReadonlyArray<SubscriptionRecord>
}

export const makeAccountSteps = Effect.gen(function*() {
  const repository: Context.Service.Shape<typeof SubscriptionRepository> = yield* SubscriptionRepository
  const bus = yield* SubscriptionBus
  const random = yield* SecureRandom.SecureRandom

  const attempt = Effect.fnUntraced(function*(
    userId: UserId,
    command: SubscriptionCommand,
    cause: SubscriptionCause,
    request: PurchaseRequestKey | undefined
  ) {
    const before = yield* repository.load(userId)
    const step = yield* Effect.fromResult(decide(command, before, yield* DateTime.now, cause))
    if (!Array.isReadonlyArrayNonEmpty(step.records)) return { account: before, records: [] }
    const outbox = yield* Effect.forEach(
      step.intents,
      (it) => Effect.map(random.uuidV7(), (id) => ({ ...it, id: OutboxId.make(id) }))
    )
    yield* repository.append({
      expected: before.version,
      account: step.account,
      records: step.records,
      outbox,
      syncs: step.syncs,
      request
    })
    return { account: step.account, records: step.records }
  })

  /** Fails with `AccountConflict` only for what deciding again would not settle. */
  const perform = (
    userId: UserId,
    command: SubscriptionCommand,
    cause: SubscriptionCause,
    request?: PurchaseRequestKey
  ): Effect.Effect<StepTaken, SubscriptionRefusal | AccountContended | AccountConflict> =>
    attempt(userId, command, cause, request).pipe(
      Effect.retry({ while: isRace, times: attempts, schedule: backoff }),
      Effect.catchIf(isRace, () => Effect.fail(new AccountContended({ userId }))),
      Effect.tap(({ records }) => records.length === 0 ? Effect.void : bus.publish({ userId })),
      Effect.uninterruptible
    )

  return { perform }
})

const backoff = Schedule.exponential("2 millis", 1.5).pipe(Schedule.jittered)

const isRace = (error: unknown): error is AccountConflict =>
  error instanceof AccountConflict && error.reason._tag === "AccountMoved"
