/** The plan of a user: the known state, the actions, and the handling of refusals. */
import { type DchatHttp } from "./dchat-http.ts"
import {
  type ChangePreview,
  DchatSubscription,
  type Entitled,
  type PaymentHistory,
  type Period,
  type Plan,
  type PlanChoice,
  type SubscriptionSummary
} from "./dchat-subscription.ts"
import { type Fitting, fittingOf, isLive } from "./fitting.ts"
import { planRefusal } from "./plan-refusals.ts"
import { changedWords, refundedWords } from "./plan-words.ts"
import { planHash } from "./view/plan/hash.ts"

export interface SubscriptionEvents {
  readonly changed: () => void
  readonly done: (words: string) => void
  readonly signedOut: (words?: string) => void
}

export type CheckoutReturn = "done" | "left"

/** How the window came back from the provider's page, if it did. Takes it out of the address. */
export const takeCheckoutReturn = (): CheckoutReturn | undefined => {
  const url = new URL(location.href)
  const outcome = url.searchParams.get("checkout")
  if (outcome === null) return undefined
  url.searchParams.delete("checkout")
  url.hash = planHash
  history.replaceState(null, "", url)
  return outcome === "done" ? "done" : "left"
}

/** How often it is looked after whether a payment has arrived, once a second. */
const looks = 30

export class Subscription {
  plans: ReadonlyArray<Plan> = []
  summary: SubscriptionSummary | undefined
  entitled: Entitled | undefined
  history: PaymentHistory | undefined
  refusal: ReturnType<typeof planRefusal> | undefined
  busy = false
  /** The host does not accept cards. */
  isWithoutCards = false
  readonly #api: DchatSubscription
  readonly #events: SubscriptionEvents
  #chosen: Period | "nft" | undefined
  #isOpen = false
  #reloads = 0

  constructor(http: DchatHttp, events: SubscriptionEvents) {
    this.#api = new DchatSubscription(http)
    this.#events = events
  }

  /** For how long plans are offered: as the own one is paid, until something else is chosen. */
  get period(): Period | "nft" {
    const own = this.summary?.subscription
    return this.#chosen ?? (isLive(own) ? own.period : "monthly")
  }

  get fitting(): Fitting | undefined {
    return this.summary && this.history && fittingOf(this.summary, this.history, this.plans)
  }

  set isOpen(isOpen: boolean) {
    if (isOpen === this.#isOpen) return
    this.#isOpen = isOpen
    this.refusal = undefined
    if (isOpen) void this.reload()
  }

  async reload(): Promise<void> {
    if (!this.#isOpen) return
    const mine = ++this.#reloads
    try {
      if (this.plans.length === 0) this.plans = await this.#api.plans()
      const known = await Promise.all([this.#api.me(), this.#api.entitlements(), this.#api.history()])
      if (mine !== this.#reloads) return
      const [summary, entitled, history] = known
      Object.assign(this, { summary, entitled, history })
      if (this.refusal?.code === "unreachable") this.refusal = undefined
    } catch (problem) {
      this.#refuse(problem)
    }
    this.#events.changed()
  }

  /** Older payments. */
  async showMore(): Promise<void> {
    const { history } = this
    if (history?.nextCursor === undefined) return
    try {
      const older = await this.#api.history(history.nextCursor)
      this.history = { ...older, payments: [...history.payments, ...older.payments] }
    } catch (problem) {
      this.#refuse(problem)
    }
    this.#events.changed()
  }

  choose(period: Period | "nft"): void {
    this.#chosen = period
    this.#events.changed()
  }

  /** Leaves for the page on which it is paid. */
  order(tier: string): Promise<void> {
    return this.#leave(() => this.#api.order({ tier, period: this.period }))
  }

  renew(): Promise<void> {
    return this.#leave(() => this.#api.renew())
  }

  portal(): Promise<void> {
    return this.#leave(() => this.#api.portal())
  }

  preview(choice: PlanChoice): Promise<ChangePreview> {
    return this.#api.preview(choice)
  }

  change(choice: PlanChoice, preview: ChangePreview): Promise<void> {
    return this.#do(() => this.#api.change(choice, preview), changedWords)
  }

  undoChange(): Promise<void> {
    return this.#do(() => this.#api.undoChange(), "The change is cancelled.")
  }

  /** Withdraws an unpaid order. */
  withdraw(purchaseId?: string): Promise<void> {
    const taken = () => purchaseId === undefined ? this.#api.cancel("period_end") : this.#api.withdraw(purchaseId)
    return this.#do(taken, "The order is cancelled.")
  }

  cancel(when: "period_end" | "now"): Promise<void> {
    return this.#do(() => this.#api.cancel(when), "The subscription is cancelled.")
  }

  undoCancel(): Promise<void> {
    return this.#do(() => this.#api.undoCancel(), "The cancellation is undone. The subscription renews.")
  }

  refund(): Promise<void> {
    return this.#do(() => this.#api.refund(), refundedWords)
  }

  /** The payment may still be on its way here. */
  async cameBack(outcome: CheckoutReturn): Promise<void> {
    if (outcome === "left") return this.#events.done("You did not pay.")
    this.#events.done("Waiting for your payment…")
    await this.#awaitPayment(looks)
  }

  async #awaitPayment(left: number): Promise<void> {
    await this.reload()
    if (!this.#isOpen) return
    const order = this.history?.payments.find(({ kind }) => kind === "first" || kind === "lifetime")
    if (order?.state === "settled") return this.#events.done("Your payment was received.")
    if (order?.state === "lapsed" || order?.state === "rejected") return this.#events.done("You did not pay.")
    if (left === 0) {
      return this.#events.done("Your payment has not arrived yet. This page shows the payment when it arrives.")
    }
    await new Promise((done) => setTimeout(done, 1000))
    await this.#awaitPayment(left - 1)
  }

  async #do(
    what: () => Promise<SubscriptionSummary>,
    words: string | ((summary: SubscriptionSummary) => string)
  ): Promise<void> {
    await this.#alone(async () => {
      const summary = await what()
      this.summary = summary
      this.#events.done(typeof words === "string" ? words : words(summary))
      return "here"
    })
  }

  async #leave(where: () => Promise<string | undefined>): Promise<void> {
    await this.#alone(async () => {
      const url = await where()
      if (url === undefined) return "here"
      location.assign(url)
      return "gone"
    })
  }

  /** One thing at a time, and then as the host has it. Nothing more once the window is on its way elsewhere. */
  async #alone(what: () => Promise<"here" | "gone">): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.refusal = undefined
    this.#events.changed()
    try {
      if (await what() === "gone") return
    } catch (problem) {
      this.#refuse(problem)
    }
    this.busy = false
    await this.reload()
  }

  #refuse(problem: unknown): void {
    const refusal = planRefusal(problem)
    if (refusal.code === "unauthenticated") {
      return this.#events.signedOut("Your session has ended. Sign in again.")
    }
    if (refusal.code === "stripe_not_configured") this.isWithoutCards = true
    else this.refusal = refusal
  }
}
