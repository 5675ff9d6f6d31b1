/**
 * Texts of plans, orders, changes of a subscription and usage.
 */
import { usageRetention } from "@dchat/domain/subscription"
import type { SubscriptionsApi } from "../../SubscriptionsApi.ts"
import { ids } from "../examples/Ids.ts"
import {
  cancelled,
  changePreview,
  changing,
  entitlements,
  membership,
  order,
  payment,
  plan,
  pricing,
  refunding,
  subscription,
  summary,
  usage
} from "../examples/Subscriptions.ts"
import type { GroupDocs } from "../OperationDocs.ts"

const provider =
  "The host sends the decision to the payment provider before the host answers. While the provider does not answer, the decision stands, and the host sends the decision later. If the provider refuses, the host returns `refused_by_provider`, and nothing changes."

const after = "The subscription after the request."

const wish =
  "The asset of a payment by wallet: `chainId` (EIP-155), `asset` (the contract of an ERC-20 token, or `native`), and `payer`, a linked wallet, by default the primary one."

const tier = "The name of the plan."

const period = "`monthly` or `yearly`."

export const subscriptionDocs: GroupDocs<typeof SubscriptionsApi> = {
  description:
    "Plans and the subscription of the signed-in user. Users pay through Stripe or from a wallet. An installation without Stripe refuses card payments with `stripe_not_configured`, an installation without chains refuses payments by wallet with `web3_not_configured`. The realtime protocol announces each change by the frame `subscription.changed`.",
  operations: {
    me: {
      summary: "Retrieve the subscription",
      description:
        "Returns the plan of the signed-in user with its source and its end, the possible refund and the credit. A user who never paid has the first plan of the catalogue.",
      answers: { 200: { description: "The subscription of the user.", example: summary } }
    },
    entitlements: {
      summary: "Retrieve the entitlements",
      description: "Returns what the plan of the signed-in user allows: limits, features and usage.",
      answers: { 200: { description: "The entitlements of the user.", example: entitlements } }
    },
    create: {
      summary: "Order a plan",
      description:
        "Orders a subscription, or a lifetime membership with the period `nft`. The user pays on the page `payment.checkoutUrl`; the plan begins with the payment. The same order again returns the order that waits for its payment. A user may leave 20 orders a day unpaid.",
      body: {
        fields: {
          tier,
          period: "`monthly`, `yearly`, or `nft` for a lifetime membership.",
          method: "`stripe` for cards and other methods of Stripe. `web3` for wallets.",
          autoRenew:
            "Whether the subscription renews. The default is `true`. With `false`, the subscription ends with its first period. A payment by wallet does not renew.",
          web3: wish
        },
        example: { tier: "PRO", period: "monthly", method: "stripe" }
      },
      answers: {
        200: { description: "The order existed before this request.", example: order },
        201: { description: "The new order.", example: order }
      }
    },
    renew: {
      summary: "Order the next period",
      description:
        "Orders a further period of a subscription that does not renew by itself, or orders an ended subscription again. For a subscription whose payment failed the answer holds `subscription.invoiceUrl`, the page on which the user pays.",
      body: {
        fields: {
          method: "The method of payment. The default is the method of the subscription.",
          period: "`monthly` or `yearly`. The default is the period of the subscription.",
          web3: wish
        },
        example: { period: "yearly" }
      },
      answers: {
        200: { description: "The order existed before this request.", example: order },
        201: { description: "The new order.", example: order }
      }
    },
    cancel: {
      summary: "Cancel a subscription",
      description:
        `Ends the subscription with its paid period, or at once and without a refund. Cancelling an active subscription at once needs \`confirmNoRefund\`. The request also cancels an unpaid order. ${provider} A cancellation at once ends the plan even while the provider does not answer.`,
      body: {
        fields: {
          when: "`period_end`, which is the default, or `now`.",
          confirmNoRefund: "Confirms that cancelling `now` refunds nothing.",
          purchaseId: "The purchase to cancel. The default is the subscription."
        },
        example: { when: "period_end" }
      },
      answers: { 200: { description: after, example: cancelled } }
    },
    undoCancel: {
      summary: "Undo a cancellation",
      description: `Lets a cancelled subscription that has not ended renew again. ${provider}`,
      answers: { 200: { description: after, example: summary } }
    },
    change: {
      summary: "Change the plan",
      description:
        `Changes the plan or the period. A higher plan begins once the difference is paid; a lower plan begins with the next period. During the hour in which a renewal is charged, a change to a higher plan is refused with \`renewal_in_progress\`. ${provider}`,
      body: {
        fields: {
          tier,
          period,
          prorationDate:
            "The `prorationDate` of a preview, so that the user pays the amount that was shown. The preview must be less than an hour old and from this period."
        },
        example: { tier: "ENTERPRISE", period: "monthly", prorationDate: changePreview.prorationDate }
      },
      answers: { 200: { description: "The subscription with the pending change.", example: changing } }
    },
    previewChange: {
      summary: "Preview a change of plan",
      description: "Returns what a change costs now and when the change begins. Nothing changes.",
      body: { fields: { tier, period }, example: { tier: "ENTERPRISE", period: "monthly" } },
      answers: { 200: { description: "The cost of the change.", example: changePreview } }
    },
    undoChange: {
      summary: "Undo a change of plan",
      description: `Withdraws a change that has not begun. ${provider}`,
      answers: { 200: { description: after, example: summary } }
    },
    portal: {
      summary: "Open the billing portal",
      description:
        "Returns a page of the payment provider on which the user sees invoices, changes the card or cancels. A user who never paid has no such page.",
      answers: {
        200: {
          description: "The page.",
          fields: { url: "The URL of the page, for this user only and for a short time." },
          example: { url: "https://billing.stripe.com/p/session/test_example" }
        }
      }
    },
    refund: {
      summary: "Request a refund",
      description:
        `Refunds the current payment within 7 days of the first activation of a tier, once for each tier. The purchase ends with the refund. ${provider}`,
      answers: { 200: { description: "The subscription with the requested refund.", example: refunding } }
    },
    history: {
      summary: "List purchases and payments",
      description: "Returns every purchase of the signed-in user, and the payments page by page.",
      answers: {
        200: {
          description: "The purchases, and one page of payments.",
          fields: {
            subscriptions: "All subscriptions, newest first.",
            memberships: "All lifetime memberships, newest first.",
            payments: "One page of payments, newest first.",
            nextCursor: "The `cursor` of the next page of payments. Absent on the last page."
          },
          example: { subscriptions: [subscription], memberships: [membership], payments: [payment] }
        }
      }
    },
    payment: {
      summary: "Retrieve a payment",
      description: "Returns one payment of the signed-in user.",
      answers: { 200: { description: "The payment.", example: payment } }
    },
    plans: {
      summary: "List the plans",
      description:
        "Returns the plans that are on sale, from the lowest to the highest. The first plan is the plan of users who pay nothing.",
      answers: {
        200: {
          description: "The plans.",
          fields: { items: "The plans, from the lowest to the highest." },
          example: { items: [plan] }
        }
      }
    },
    pricing: {
      summary: "Retrieve the prices of a plan",
      description: "Returns the prices of one plan that is on sale.",
      answers: { 200: { description: "The prices.", example: pricing } }
    },
    usage: {
      summary: "Record usage",
      description:
        "Records the usage of a limited feature by a user. Only services of the installation may send this request, with a key of `DCHAT_SERVICE_KEYS`. `consume` takes the whole amount or nothing; beyond the limit the host returns `usage_limit_reached`. The usage of a merged user counts for the surviving user.",
      security: "serviceKey",
      body: {
        fields: {
          userId: "The user whose usage is counted.",
          feature: "The name of the limit: `storageBytes`, `customStickers`, or a name of `limits.monthly`.",
          amount: "The amount: bytes of storage, pieces of everything else.",
          key:
            `Makes the request safe to repeat: the host counts a key once, and remembers the key for ${usageRetention}.`,
          action:
            "`consume`, which is the default, adds to the usage. `release` subtracts from the usage. `set` states the amount that the user holds.",
          observedAt:
            "Only for `set`: the time of the observation, by default now. An observation older than the last one changes nothing."
        },
        example: {
          userId: ids.ann,
          feature: "customStickers",
          amount: 1,
          key: "sticker-4711",
          action: "consume"
        }
      },
      answers: { 200: { description: "The usage after the request.", example: usage } }
    }
  }
}
