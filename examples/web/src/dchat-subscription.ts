/** Plans, one's own subscription and payments, asked of a dchat host. Copy it with dchat-http.ts. */
import { type DchatHttp } from "./dchat-http.ts"

export interface Money {
  readonly currency: string
  /** Cents, of a currency with cents. */
  readonly minorUnits: number
}
export type Period = "monthly" | "yearly"
export type Limit = number | "unlimited"

export interface Limits {
  readonly groupMembers: Limit
  /** Bytes of one upload. */
  readonly uploadBytes: Limit
  readonly callSeconds: Limit
  readonly storageBytes: Limit
  readonly customStickers: Limit
  /** The other features, counted from zero in each calendar month. */
  readonly monthly?: Readonly<Record<string, Limit>>
}

export interface Plan {
  readonly tier: string
  readonly prices: { readonly monthly: Money; readonly yearly: Money; readonly nft: Money }
  readonly limits: Limits
  readonly features: ReadonlyArray<string>
}
export interface OwnSubscription {
  readonly id: string
  readonly state: "pending" | "active" | "past_due" | "suspended" | "expired" | "cancelled" | "refunded"
  readonly tier: string
  readonly period: Period
  readonly price: Money
  readonly method: "stripe" | "web3"
  readonly createdAt: string
  readonly activatedAt?: string
  readonly paidThrough?: string
  readonly endsAt?: string
  readonly endedAt?: string
  readonly refundRequestedAt?: string
  readonly invoiceUrl?: string
  /** The change of plan that a cancellation has dropped. */
  readonly droppedChange?: { readonly direction: "up" | "down"; readonly tier: string; readonly period: Period }
  /** The next charge. */
  readonly renewal?: { readonly at: string; readonly tier: string; readonly period: Period; readonly price: Money }
  /** From when the next period can be paid. Absent if the subscription renews by itself. */
  readonly renewableFrom?: string
  readonly change?: {
    readonly direction: "up" | "down"
    readonly tier: string
    readonly period: Period
    readonly until: string
    readonly invoiceUrl?: string
  }
}
export interface Membership {
  readonly id: string
  readonly state: "pending" | "active" | "suspended" | "revoked"
  readonly tier: string
  readonly method: "stripe" | "web3"
  readonly createdAt: string
}
export interface SubscriptionSummary {
  readonly tier: string
  readonly source: "none" | "grant" | "subscription" | "membership"
  readonly accessUntil?: string
  readonly refundable?: { readonly amount: Money; readonly until: string }
  /** The amount counts towards the next invoices. */
  readonly credit?: Money
  readonly subscription?: OwnSubscription
  readonly membership?: Membership
}
export interface Asset {
  /** The ERC-20 contract, or `native` for the currency of the chain. */
  readonly asset: string
  readonly symbol: string
  readonly decimals: number
}
/** A chain on which users can pay. */
export interface Chain {
  readonly chainId: number
  readonly name: string
  readonly explorer?: string
  readonly assets: ReadonlyArray<Asset>
}
/** With what a user wants to pay. `payer`: the primary wallet unless given. */
export interface QuoteWish {
  readonly chainId: number
  readonly asset: string
  readonly payer?: string
}
export interface MembershipToken {
  readonly chainId: number
  readonly contract: string
  /** As decimal digits. */
  readonly tokenId: string
}
/** The exact amount to send, and the wallet that has to send the amount. */
export interface Quote {
  readonly chainId: number
  readonly asset: Asset
  /** In base units. */
  readonly amount: string
  readonly amountText: string
  readonly payer: string
  readonly recipient: string
  readonly router?: string
  readonly reference: string
  readonly price: Money
  readonly credit?: Money
  readonly expiresAt: string
  readonly acceptedUntil: string
  /** EIP-681. */
  readonly uri: string
}
/** The transfer that pays, as its block has it. */
export interface Transfer {
  readonly chainId: number
  readonly transactionHash: string
  readonly at: string
}
/** The state on the chain of a transaction that the user named. */
export interface Inspection {
  readonly state: "unknown" | "pending" | "failed" | "fits" | "misfit" | "unavailable"
  readonly reason?: string
}
export interface Payment {
  readonly id: string
  readonly purchaseId: string
  readonly kind: "first" | "renewal" | "change" | "lifetime"
  readonly method: "stripe" | "web3"
  readonly state: "quoted" | "submitted" | "confirming" | "settled" | "rejected" | "lapsed" | "reversed"
  readonly amount: Money
  readonly refunded?: Money
  readonly createdAt: string
  readonly paidAt?: string
  readonly checkoutUrl?: string
  readonly receiptUrl?: string
  /** The latest offer of a payment by wallet. */
  readonly quote?: Quote
  /** The transaction that the user named. */
  readonly transactionHash?: string
  readonly transfer?: Transfer
  /** The payment gives access already, but may still be lost. */
  readonly provisional?: boolean
}
export interface PaymentHistory {
  readonly subscriptions: ReadonlyArray<OwnSubscription>
  readonly memberships: ReadonlyArray<Membership>
  readonly payments: ReadonlyArray<Payment>
  /** There are older payments. */
  readonly nextCursor?: string
}
export interface Usage {
  readonly feature: string
  /** `month`: begins anew at `resetsAt`. `level`: what is held at a time. */
  readonly kind: "month" | "level"
  readonly used: number
  readonly limit: Limit
  readonly resetsAt?: string
}
export interface Entitled {
  readonly tier: string
  readonly limits: Limits
  readonly features: ReadonlyArray<string>
  readonly usage?: ReadonlyArray<Usage>
}
export interface ChangePreview {
  readonly amountDue: Money
  /** The credit that counts against it, and that is there after it. */
  readonly credit?: { readonly used: Money; readonly left: Money }
  /** `now`: once it is paid. Otherwise when the next period begins. */
  readonly effective: string
  readonly prorationDate: string
}
export interface PlanChoice {
  readonly tier: string
  readonly period: Period
}

interface Checkout {
  readonly payment: Payment
  readonly subscription?: OwnSubscription
}

const root = "/api/subscriptions"

export class DchatSubscription {
  readonly #http: DchatHttp

  constructor(http: DchatHttp) {
    this.#http = http
  }

  async plans(): Promise<ReadonlyArray<Plan>> {
    return (await this.#get<{ items: ReadonlyArray<Plan> }>("plans")).items
  }

  me(): Promise<SubscriptionSummary> {
    return this.#get("me")
  }

  entitlements(): Promise<Entitled> {
    return this.#get("entitlements")
  }

  history(cursor?: string): Promise<PaymentHistory> {
    return this.#get(cursor === undefined ? "history" : `history?cursor=${cursor}`)
  }

  /** Answers the page on which it is paid. */
  async order(choice: { readonly tier: string; readonly period: Period | "nft" }): Promise<string | undefined> {
    return (await this.#post<Checkout>("create", { ...choice, method: "stripe" })).payment.checkoutUrl
  }

  /** Answers the page on which it is paid: a checkout, or the invoice that is owed. */
  async renew(): Promise<string | undefined> {
    const { payment, subscription } = await this.#post<Checkout>("renew", {})
    return subscription?.invoiceUrl ?? payment.checkoutUrl
  }

  async chains(): Promise<ReadonlyArray<Chain>> {
    return (await this.#get<{ items: ReadonlyArray<Chain> }>("chains")).items
  }

  async orderByWallet(
    choice: { readonly tier: string; readonly period: Period | "nft" },
    wish: QuoteWish
  ): Promise<Payment> {
    return (await this.#post<Checkout>("create", { ...choice, method: "web3", web3: wish })).payment
  }

  async renewByWallet(wish: QuoteWish): Promise<Payment> {
    return (await this.#post<Checkout>("renew", { method: "web3", web3: wish })).payment
  }

  /** Offers a payment in another currency, or for a current price. */
  quote(paymentId: string, wish: QuoteWish): Promise<Payment> {
    return this.#post(`payments/${paymentId}/quote`, wish)
  }

  /** Names the transaction that pays, and answers what the chain says about the transaction. Naming it again is safe. */
  submit(paymentId: string, transactionHash: string): Promise<{ payment: Payment; inspection: Inspection }> {
    return this.#post(`payments/${paymentId}/submit`, { transactionHash })
  }

  /** Gives the membership of a token (ERC-721) that a linked wallet owns. */
  claimToken(token: MembershipToken): Promise<SubscriptionSummary> {
    return this.#post("memberships/claim", token)
  }

  cancel(when: "period_end" | "now"): Promise<SubscriptionSummary> {
    return this.#post("cancel", when === "now" ? { when, confirmNoRefund: true } : { when })
  }

  /** Withdraws an unpaid order. */
  withdraw(purchaseId: string): Promise<SubscriptionSummary> {
    return this.#post("cancel", { purchaseId })
  }

  undoCancel(): Promise<SubscriptionSummary> {
    return this.#post("undo-cancel")
  }

  preview(choice: PlanChoice): Promise<ChangePreview> {
    return this.#post("change/preview", choice)
  }

  change(choice: PlanChoice, { prorationDate }: ChangePreview): Promise<SubscriptionSummary> {
    return this.#post("change", { ...choice, prorationDate })
  }

  undoChange(): Promise<SubscriptionSummary> {
    return this.#post("undo-change")
  }

  refund(): Promise<SubscriptionSummary> {
    return this.#post("refund")
  }

  async portal(): Promise<string> {
    return (await this.#post<{ url: string }>("portal")).url
  }

  #get<A>(path: string): Promise<A> {
    return this.#http.request("GET", `${root}/${path}`)
  }

  #post<A>(path: string, body?: object): Promise<A> {
    return this.#http.request("POST", `${root}/${path}`, body)
  }
}
