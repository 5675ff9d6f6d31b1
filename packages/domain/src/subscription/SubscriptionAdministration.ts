/**
 * What those who run an installation, or embed it, do with anybody's subscription. Actor and reason are kept.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import { type AccountContended, makeBillingAccountSteps } from "./BillingAccountSteps.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import type { Grant } from "./model/Grant.ts"
import { rankOf } from "./model/Plans.ts"
import type { Tier } from "./model/PlanTerms.ts"
import type { SubscriptionCommand } from "./model/SubscriptionCommand.ts"
import { PlanUnknown, type SubscriptionRefusal } from "./model/SubscriptionErrors.ts"
import type { SubscriptionRecord } from "./model/SubscriptionEvent.ts"
import { GrantId, type PurchaseId } from "./model/SubscriptionIds.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"

/** Who does it, and why. */
export interface BillingAdministrator {
  readonly actor: string
  readonly reason: string
}

type Refusal = SubscriptionRefusal | AccountContended

export class SubscriptionAdministration extends Context.Service<SubscriptionAdministration, {
  /** Gives somebody a tier, from now on unless told otherwise. */
  grant(
    userId: UserId,
    what: {
      readonly tier: Tier
      readonly from?: DateTime.Utc | undefined
      readonly until?: DateTime.Utc | undefined
      readonly source?: Grant["source"] | undefined
    },
    by: BillingAdministrator
  ): Effect.Effect<Grant, PlanUnknown | Refusal>
  revokeGrant(userId: UserId, id: GrantId, by: BillingAdministrator): Effect.Effect<BillingAccount, Refusal>
  /** Ends somebody's subscription, with its paid period or now; or takes back an order that nobody has paid. */
  cancel(
    userId: UserId,
    when: "period_end" | "now",
    by: BillingAdministrator,
    purchaseId?: PurchaseId
  ): Effect.Effect<BillingAccount, Refusal>
  undoCancel(userId: UserId, by: BillingAdministrator): Effect.Effect<BillingAccount, Refusal>
  /** Gives the current payment back, or what a lifetime was bought for, whatever the rules for users say. */
  refund(userId: UserId, by: BillingAdministrator, purchaseId?: PurchaseId): Effect.Effect<BillingAccount, Refusal>
  /** Of somebody who has deleted their account: nothing is billed any more, and what was paid since goes back. */
  endBilling(
    userId: UserId,
    leftAt: DateTime.Utc,
    by: BillingAdministrator
  ): Effect.Effect<BillingAccount, Refusal>
  /** What happened in an account, newest first, with `seq` below `before`. */
  events(
    userId: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<SubscriptionRecord>>
}>()("@dchat/domain/subscription/SubscriptionAdministration") {
  static readonly layer = Layer.effect(
    SubscriptionAdministration,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const catalogue = yield* Catalogue
      const random = yield* SecureRandom.SecureRandom
      const { perform } = yield* makeBillingAccountSteps

      const act = Effect.fnUntraced(
        function*(userId: UserId, command: SubscriptionCommand, { actor, reason }: BillingAdministrator) {
          const { account } = yield* perform(userId, command, { _tag: "Admin", actor, reason })
          return account
        },
        Effect.catchTag("BillingAccountConflict", (conflict) => Effect.die(conflict))
      )

      const grant: SubscriptionAdministration["Service"]["grant"] = Effect.fn("SubscriptionAdministration.grant")(
        function*(userId, { from, source = "admin", tier, until }, by) {
          if (rankOf(catalogue, tier) === undefined) return yield* new PlanUnknown()
          const grant: Grant = {
            id: GrantId.make(yield* random.uuidV7()),
            tier,
            from: from ?? (yield* DateTime.now),
            ...(until && { until }),
            source,
            ...by
          }
          yield* act(userId, { _tag: "GiveGrant", grant }, by)
          return grant
        }
      )

      return SubscriptionAdministration.of({
        grant,
        revokeGrant: Effect.fn("SubscriptionAdministration.revokeGrant")((userId, grantId, by) =>
          act(userId, { _tag: "RevokeGrant", grantId }, by)
        ),
        cancel: Effect.fn("SubscriptionAdministration.cancel")((userId, when, by, purchaseId) =>
          act(userId, { _tag: "Cancel", when, admin: true, ...(purchaseId && { purchaseId }) }, by)
        ),
        undoCancel: Effect.fn("SubscriptionAdministration.undoCancel")((userId, by) =>
          act(userId, { _tag: "UndoCancel" }, by)
        ),
        refund: Effect.fn("SubscriptionAdministration.refund")((userId, by, purchaseId) =>
          act(userId, { _tag: "Refund", admin: true, ...(purchaseId && { purchaseId }) }, by)
        ),
        endBilling: Effect.fn("SubscriptionAdministration.endBilling")((userId, leftAt, by) =>
          act(userId, { _tag: "EndBilling", leftAt }, by)
        ),
        events: Effect.fn("SubscriptionAdministration.events")((userId, page) => repository.events(userId, page))
      })
    })
  )
}
