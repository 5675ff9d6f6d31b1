/**
 * Texts of plans, purchases and payments.
 */
import type { SchemaDocs } from "../SchemaDocs.ts"

const tier = "The name of the plan."

const source =
  "The source of the plan: `subscription`, `membership` for life, `grant` of an administrator, or `none` for the first plan of the catalogue."

const method = "`stripe` or `web3`."

const purchase = {
  id: "The id of the purchase (UUIDv7).",
  tier,
  price: "The price that was agreed.",
  method,
  createdAt: "The time of the order.",
  activatedAt: "The time at which the plan began."
}

const prices = "The prices of the plan."

const limit = (what: string) => `${what}, or \`unlimited\`.`

export const subscriptionSchemas: Readonly<Record<string, SchemaDocs>> = {
  Money: {
    description: "An amount of money.",
    fields: {
      currency: "The currency (ISO 4217).",
      minorUnits: "The amount in the smallest unit of the currency, such as cents."
    }
  },
  Subscription: {
    description: "A plan that is paid period by period.",
    fields: {
      ...purchase,
      state:
        "`pending`: waits for its first payment. `active`. `past_due`: a renewal was not paid. `suspended`: a payment is disputed. `expired`, `cancelled` and `refunded` are final.",
      period: "`monthly` or `yearly`.",
      periodStart: "The beginning of the current period.",
      paidThrough: "The end of the last paid period. The subscription then renews, unless `endsAt` is present.",
      endsAt: "The end of a cancelled subscription, which gives access until then.",
      change: "A change of plan that has not begun.",
      droppedChange: "The change of plan that a cancellation has dropped.",
      renewal: "The next charge, unless the subscription changes. Absent if no charge follows.",
      authorization: "The authorisation by which the operator charges the renewals.",
      renewalWarning: "The next charge by the authorisation would have failed when it was tried out.",
      renewableFrom: "The time from which the next period can be paid. Absent if the subscription renews by itself.",
      refundRequestedAt: "The time at which a refund was requested.",
      invoiceUrl: "The page on which an open invoice can be paid.",
      endedAt: "The time at which the subscription ended."
    }
  },
  PendingChange: {
    description: "A change of plan that has not begun.",
    fields: {
      direction: "`up` begins once the difference is paid. `down` begins with the next period.",
      tier,
      period: "`monthly` or `yearly`.",
      until: "The time of the change `down`, or the time until which the change `up` can be paid.",
      invoiceUrl: "The page on which the difference can be paid."
    }
  },
  DroppedChange: {
    description: "A change of plan that was dropped because the subscription ends.",
    fields: {
      direction: "`up` would have begun once the difference was paid. `down` would have begun with the next period.",
      tier,
      period: "`monthly` or `yearly`."
    }
  },
  NextCharge: {
    description: "The charge for the next period. Taxes, coupons and credit may change the amount.",
    fields: {
      at: "The time of the charge.",
      tier,
      period: "`monthly` or `yearly`.",
      price: "The price of the period."
    }
  },
  Membership: {
    description: "A plan for life.",
    fields: {
      ...purchase,
      state:
        "`pending`: waits for its payment. `active`: gives access. `suspended`: the payment is disputed. `revoked`: over.",
      endedAt: "The time at which the membership ended."
    }
  },
  Payment: {
    description: "A payment of a purchase.",
    fields: {
      id: "The id of the payment (UUIDv7).",
      purchaseId: "The subscription or membership that is paid.",
      kind: "`first` or `renewal` of a subscription, `change` of a plan, or `lifetime` for a membership.",
      method,
      state:
        "`quoted`: can be paid at `checkoutUrl`. `submitted` and `confirming`: on the way. `settled`: paid. `rejected`, `lapsed` and `reversed` are final.",
      amount: "The quoted amount before the payment, and the paid amount afterwards.",
      refunded: "The refunded part of the amount.",
      createdAt: "The time of the order.",
      paidAt: "The time of the payment.",
      periodStart: "The beginning of the paid period.",
      periodEnd: "The end of the paid period.",
      checkoutUrl: "The page on which the payment can be made.",
      receiptUrl: "The page of the receipt.",
      quote: "The latest quote of a payment by wallet that is not paid.",
      transactionHash: "The transaction that the user named.",
      transfer: "The transfer that pays.",
      provisional: "`true` while the payment gives access and is not settled."
    }
  },
  Asset: {
    description: "An ERC-20 token, or the native currency of a chain.",
    fields: {
      asset: "The contract of the token, or `native`.",
      symbol: "The symbol, such as `USDC`.",
      decimals: "The number of digits behind the point: 10^decimals base units are one unit."
    }
  },
  PaymentChain: {
    description: "A chain on which users can pay.",
    fields: {
      chainId: "The number of the chain (EIP-155).",
      name: "The name of the chain.",
      explorer: "The URL of the block explorer.",
      assets: "The assets that are accepted."
    }
  },
  Quote: {
    description: "The offer of a payment by wallet.",
    fields: {
      chainId: "The chain (EIP-155).",
      asset: "The asset to send.",
      amount: "The exact amount in base units.",
      amountText: "The amount in whole units.",
      payer: "The wallet that has to send the amount. An exchange does not send from this wallet.",
      recipient: "The account that receives the amount.",
      router: "A contract that forwards the amount together with the reference. Its use is optional for ERC-20 tokens.",
      reference: "The reference of the payment for the router.",
      price: "The value of the amount.",
      credit: "The part of the price that the credit of the user pays.",
      expiresAt: "The time until which the price holds.",
      acceptedUntil: "A transfer in a later block is not accepted.",
      uri: "A URI for wallets (EIP-681)."
    }
  },
  TransactionInspection: {
    description: "The state of a transaction that a user named.",
    fields: {
      state:
        "`unknown`: no node has the transaction yet. `pending`: the transaction is in no block. `failed`: the transaction failed. `fits`: a transfer pays the quote, once its block is deep enough. `misfit`: no transfer pays the quote. `unavailable`: no node answers now.",
      reason: "Why no transfer pays the quote."
    }
  },
  Transfer: {
    description: "A transfer on a chain.",
    fields: {
      chainId: "The chain (EIP-155).",
      transactionHash: "The transaction.",
      asset: "The contract of the token, or `native`.",
      amount: "The amount in base units.",
      payer: "The sender.",
      at: "The time of the block."
    }
  },
  SubscriptionCheckout: {
    description: "An order and its payment.",
    fields: {
      subscription: "The ordered subscription.",
      membership: "The ordered membership for life.",
      payment: "The payment of the order."
    }
  },
  SubscriptionSummary: {
    description: "The plan of a user, and the purchases behind the plan.",
    fields: {
      tier,
      source,
      accessUntil: "The time at which the plan ends if nothing changes.",
      subscription: "The current subscription.",
      membership: "The current membership for life.",
      refundable: "The refund that the user can request.",
      credit: "Money that the user has paid and no plan has used. The credit counts towards the next invoices."
    }
  },
  PossibleRefund: {
    description: "A refund that the user can request. The purchase ends with the refund.",
    fields: {
      purchaseId: "The purchase.",
      amount: "The amount of the refund.",
      until: "The time until which the refund can be requested."
    }
  },
  ChangePreview: {
    description: "The price of a change of plan.",
    fields: {
      amountDue: "The amount that is due at once.",
      credit: "The use of the credit by the change. Absent without a credit.",
      effective: "`now` when the change begins with its payment; otherwise the beginning of the next period.",
      prorationDate: "The time of the preview. Send this time with the change, so that the user pays this amount."
    }
  },
  CreditUse: {
    description: "The use of the credit of a user by a change of plan.",
    fields: { used: "The credit that counts towards the change.", left: "The credit after the change." }
  },
  Plan: {
    description: "A plan of the catalogue.",
    fields: { tier, prices, limits: "The limits of the plan.", features: "The names of the features of the plan." }
  },
  PlanPrices: {
    description: "The prices of a plan.",
    fields: { monthly: "For one month.", yearly: "For one year.", nft: "For life, paid once." }
  },
  PlanLimits: {
    description: "The limits of a plan.",
    fields: {
      groupMembers: limit("Members of one group"),
      uploadBytes: limit("Bytes of one upload"),
      callSeconds: limit("Seconds of one call"),
      storageBytes: limit("Bytes of storage"),
      customStickers: limit("Stickers of the user's own"),
      monthly: "Further limits, by the name of the feature. Their usage starts at zero each calendar month (UTC)."
    }
  },
  Limit: { description: "A number, or `unlimited`." },
  Pricing: { description: "The prices of one plan.", fields: { tier, prices } },
  Entitlements: {
    description: "The limits and features that the plan of a user allows.",
    fields: {
      tier,
      source,
      limits: "The limits of the plan.",
      features: "The names of the features of the plan.",
      usage: "The usage of the limits that are counted.",
      validUntil: "The time at which the plan ends if nothing changes."
    }
  },
  Usage: {
    description: "The usage of a feature by a user.",
    fields: {
      feature: "The name of the feature.",
      kind:
        "`month`: the count starts at zero each calendar month (UTC). `level`: the amount that the user holds at a time.",
      used: "The used amount.",
      limit: "The limit of the plan.",
      resetsAt: "The beginning of the next month."
    }
  }
}
