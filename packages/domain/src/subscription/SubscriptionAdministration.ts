/**
 * The actions of administrators and embedding applications. Actor and reason are recorded.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import { makeBillingAccountSteps, type StepRefusal } from "./BillingAccountSteps.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import type { Grant } from "./model/Grant.ts"
import type { Money } from "./model/Money.ts"
import { rankOf } from "./model/Plans.ts"
import type { Tier } from "./model/PlanTerms.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "./model/SubscriptionCommand.ts"
import { PlanUnknown } from "./model/SubscriptionErrors.ts"
import type { SubscriptionRecord } from "./model/SubscriptionEvent.ts"
import { type ExternalId, GrantId, type PaymentId, type PurchaseId } from "./model/SubscriptionIds.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"

/** The administrator, and the reason of the action. */
export interface BillingAdministrator {
  readonly actor: string
  readonly reason: string
}

export class SubscriptionAdministration extends Context.Service<SubscriptionAdministration, {
  /** Grants a tier to a user, by default from now on. */
  grant(
    userId: UserId,
    what: {
      readonly tier: Tier
      readonly from?: DateTime.Utc | undefined
      readonly until?: DateTime.Utc | undefined
      readonly source?: Grant["source"] | undefined
    },
    by: BillingAdministrator
  ): Effect.Effect<Grant, PlanUnknown | StepRefusal<"GiveGrant">>
  revokeGrant(
    userId: UserId,
    id: GrantId,
    by: BillingAdministrator
  ): Effect.Effect<BillingAccount, StepRefusal<"RevokeGrant">>
  /** Cancels a subscription, with its paid period or now; or withdraws a purchase that is not paid. */
  cancel(
    userId: UserId,
    when: "period_end" | "now",
    by: BillingAdministrator,
    purchaseId?: PurchaseId
  ): Effect.Effect<BillingAccount, StepRefusal<"Cancel">>
  undoCancel(userId: UserId, by: BillingAdministrator): Effect.Effect<BillingAccount, StepRefusal<"UndoCancel">>
  /** Refunds the current payment or a lifetime membership, without the limits for users. */
  refund(
    userId: UserId,
    by: BillingAdministrator,
    purchaseId?: PurchaseId
  ): Effect.Effect<BillingAccount, StepRefusal<"Refund">>
  /** Records that a payment by wallet was sent back, by this transaction. The purchase ends. */
  recordRefund(
    userId: UserId,
    paymentId: PaymentId,
    transaction: ExternalId,
    by: BillingAdministrator
  ): Effect.Effect<BillingAccount, StepRefusal<"RecordRefund">>
  /** Records that a part of the credit of a user was sent back. */
  returnCredit(
    userId: UserId,
    amount: Money,
    by: BillingAdministrator
  ): Effect.Effect<BillingAccount, StepRefusal<"ReturnCredit">>
  /** Ends the billing of a user who was deleted at `leftAt`, and refunds later payments. */
  endBilling(
    userId: UserId,
    leftAt: DateTime.Utc,
    by: BillingAdministrator
  ): Effect.Effect<BillingAccount, StepRefusal<"EndBilling">>
  /** The events of an account, newest first, with `seq` below `before`. */
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
        function*<Tag extends SubscriptionCommand["_tag"]>(
          userId: UserId,
          command: SubscriptionCommandOf<Tag>,
          { actor, reason }: BillingAdministrator
        ) {
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
        recordRefund: Effect.fn("SubscriptionAdministration.recordRefund")((userId, paymentId, externalId, by) =>
          act(userId, { _tag: "RecordRefund", paymentId, externalId }, by)
        ),
        returnCredit: Effect.fn("SubscriptionAdministration.returnCredit")((userId, amount, by) =>
          act(userId, { _tag: "ReturnCredit", amount }, by)
        ),
        endBilling: Effect.fn("SubscriptionAdministration.endBilling")((userId, leftAt, by) =>
          act(userId, { _tag: "EndBilling", leftAt }, by)
        ),
        events: Effect.fn("SubscriptionAdministration.events")((userId, page) => repository.events(userId, page))
      })
    })
  )
}
