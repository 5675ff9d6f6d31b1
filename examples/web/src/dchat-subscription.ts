/** Plans and one's own subscription, asked of a dchat host. Copy it with dchat-http.ts. */
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
    const order = { ...choice, method: "stripe" }
    return (await this.#post<{ payment: Payment }>("create", order)).payment.checkoutUrl
  }

  /** Answers the page on which it is paid: a checkout, or the invoice that is owed. */
  async renew(): Promise<string | undefined> {
    type Order = { readonly payment: Payment; readonly subscription?: OwnSubscription }
    const { payment, subscription } = await this.#post<Order>("renew", {})
    return subscription?.invoiceUrl ?? payment.checkoutUrl
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
