/** The payments by wallet of a user: the open payment, the actions, and what the chain says about its transaction. */
import { type DchatHttp } from "../dchat-http.ts"
import {
  type Chain,
  DchatSubscription,
  type Inspection,
  type MembershipToken,
  type Payment,
  type Period,
  type QuoteWish
} from "../dchat-subscription.ts"
import { browserWallet } from "./browser-wallet.ts"
import { payQuote } from "./pay-quote.ts"
import { isUndecided, type Stage, stageOf } from "./payment-words.ts"
import { walletRefusal } from "./wallet-refusals.ts"

export interface WalletPaymentsEvents {
  /** The payments as the host has them. */
  readonly payments: () => ReadonlyArray<Payment>
  /** Reads the payments from the host again. */
  readonly reload: () => Promise<void>
  readonly changed: () => void
  readonly done: (words: string) => void
  /** The wallets of the user, the primary wallet first. */
  readonly wallets: () => ReadonlyArray<string>
}

/** The purpose of a payment. */
export type Purpose =
  | { readonly type: "order"; readonly tier: string; readonly period: Period | "nft" }
  | { readonly type: "renewal" }
  | { readonly type: "requote"; readonly paymentId: string }

type Open = Payment & { readonly state: "quoted" | "submitted" | "confirming" }

const isOpen = (payment: Payment): payment is Open =>
  payment.method === "web3" && ["quoted", "submitted", "confirming"].includes(payment.state)

/** Seconds until the page asks for the transaction again. The last pause repeats. */
const pauses = [1, 2, 4, 8, 15, 30]

/** How often a transaction is named to a host that does not answer. */
const attempts = 5

const wait = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000))

export class WalletPayments {
  chains: ReadonlyArray<Chain> = []
  /** `wallet`: the wallet asks its owner. `naming`: the host gets the hash of the transaction. */
  busy: "wallet" | "naming" | undefined
  refusal: ReturnType<typeof walletRefusal> | undefined
  readonly #api: DchatSubscription
  readonly #events: WalletPaymentsEvents
  readonly #inspections = new Map<string, Inspection>()
  /** The payments whose block the chain has removed while this page was open. */
  readonly #takenBack = new Set<string>()
  readonly #states = new Map<string, Payment["state"]>()
  #lastWish: QuoteWish | undefined
  #watched: string | undefined

  constructor(http: DchatHttp, events: WalletPaymentsEvents) {
    this.#api = new DchatSubscription(http)
    this.#events = events
  }

  /** The payment that waits for a transfer, or for more blocks. */
  get open(): Payment | undefined {
    return this.#events.payments().find(isOpen)
  }

  get wallets(): ReadonlyArray<string> {
    return this.#events.wallets()
  }

  /** The last choice of the user. */
  get lastWish(): QuoteWish | undefined {
    const quote = this.open?.quote
    return quote === undefined
      ? this.#lastWish
      : { chainId: quote.chainId, asset: quote.asset.asset, payer: quote.payer }
  }

  stage(payment: Payment): Stage {
    return stageOf(payment, { isTakenBack: this.#takenBack.has(payment.id), now: Date.now() })
  }

  /** The state on the chain of the transaction that the user named. */
  inspection({ id, state }: Payment): Inspection | undefined {
    return state === "submitted" ? this.#inspections.get(id) : undefined
  }

  chainOf(chainId: number): Pick<Chain, "chainId" | "name" | "explorer"> {
    return this.chains.find((chain) => chain.chainId === chainId) ?? { chainId, name: `chain ${chainId}` }
  }

  /** The page of a transaction in the explorer of its chain, if the chain has an explorer. */
  explorerUrl(chainId: number, transactionHash: string): string | undefined {
    const { explorer } = this.chainOf(chainId)
    return explorer === undefined ? undefined : `${explorer.replace(/\/$/u, "")}/tx/${transactionHash}`
  }

  /** The host has no chains, or they cannot be read now: then the page offers no payment by wallet. */
  async loadChains(): Promise<void> {
    if (this.chains.length > 0) return
    this.chains = await this.#api.chains().catch(() => [])
    this.#events.changed()
  }

  /** Orders, renews or quotes again, in this currency. Fails with the refusal of the host. */
  async quote(purpose: Purpose, wish: QuoteWish): Promise<void> {
    this.#lastWish = wish
    this.refusal = undefined
    const payment = await this.#quoted(purpose, wish)
    this.#inspections.delete(payment.id)
    this.#takenBack.delete(payment.id)
    if (payment.state === "settled") this.#events.done("Your credit paid the whole price.")
    await this.#events.reload()
  }

  /** Pays the open payment by the wallet of the browser. */
  async pay(): Promise<void> {
    const { open } = this
    const quote = open?.quote
    if (open === undefined || quote === undefined || this.busy !== undefined) return
    await this.#alone("wallet", async () => {
      const hash = await payQuote(browserWallet(), quote, this.chainOf(quote.chainId))
      this.busy = "naming"
      this.#events.changed()
      await this.#name(open.id, hash)
    })
  }

  /** The user paid by another wallet, and names the transaction. */
  async name(hash: string): Promise<void> {
    const { open } = this
    if (open === undefined || this.busy !== undefined) return
    await this.#alone("naming", () => this.#name(open.id, hash.trim().toLowerCase()))
  }

  /** Gives the membership of a token that the user had before the host read the chain. Fails with the host's refusal. */
  async claim(token: MembershipToken): Promise<void> {
    await this.#api.claimToken(token)
    this.#events.done("You have the membership of the token.")
    await this.#events.reload()
  }

  /** Compares the payments with the last look: tells what is paid, and looks after transactions that are under way. */
  observe(): void {
    for (const payment of this.#events.payments()) {
      const before = this.#states.get(payment.id)
      this.#states.set(payment.id, payment.state)
      if (payment.method === "web3" && before !== undefined && before !== payment.state) this.#moved(payment, before)
    }
    const { open } = this
    if (open?.state === "submitted" && open.transactionHash !== undefined) {
      void this.#watch(open.id, open.transactionHash)
    }
  }

  #quoted(purpose: Purpose, wish: QuoteWish): Promise<Payment> {
    switch (purpose.type) {
      case "order":
        return this.#api.orderByWallet({ tier: purpose.tier, period: purpose.period }, wish)
      case "renewal":
        return this.#api.renewByWallet(wish)
      case "requote":
        return this.#api.quote(purpose.paymentId, wish)
    }
  }

  #moved({ id, state }: Payment, before: Payment["state"]): void {
    if (before === "confirming" && (state === "quoted" || state === "submitted")) this.#takenBack.add(id)
    else this.#takenBack.delete(id)
    if (state === "settled") this.#events.done("Your payment was received.")
    if (state === "reversed") this.#events.done("The chain has removed the block with your payment.")
  }

  async #name(paymentId: string, hash: string, left = attempts): Promise<void> {
    try {
      const { inspection, payment } = await this.#api.submit(paymentId, hash)
      this.#inspections.set(payment.id, inspection)
    } catch (problem) {
      const { code } = walletRefusal(problem)
      // The payment was found by the chain while the hash was on its way.
      if (code === "payment_not_open") return
      if (left <= 1 || !["unreachable", "contended", "rate_limited"].includes(code)) throw problem
      await wait(2)
      await this.#name(paymentId, hash, left - 1)
    }
  }

  /** Asks again until the chain has decided about the transaction. One transaction at a time. */
  async #watch(paymentId: string, hash: string): Promise<void> {
    const watched = `${paymentId} ${hash}`
    if (this.#watched === watched) return
    this.#watched = watched
    await this.#look(paymentId, hash, 0)
    if (this.#watched === watched) this.#watched = undefined
  }

  async #look(paymentId: string, hash: string, round: number): Promise<void> {
    const known = this.#inspections.get(paymentId)
    if (known !== undefined && !isUndecided(known)) return
    if (known !== undefined) await wait(pauses[Math.min(round, pauses.length - 1)] ?? 0)
    if (!this.#isWatched(paymentId, `${paymentId} ${hash}`)) return
    const answer = await this.#api.submit(paymentId, hash).catch(() => undefined)
    this.#inspections.set(paymentId, answer?.inspection ?? { state: "unavailable" })
    this.#events.changed()
    await this.#look(paymentId, hash, round + 1)
  }

  #isWatched(paymentId: string, watched: string): boolean {
    const { open } = this
    return this.#watched === watched && open?.id === paymentId && open.state === "submitted"
  }

  async #alone(busy: "wallet" | "naming", what: () => Promise<void>): Promise<void> {
    this.busy = busy
    this.refusal = undefined
    this.#events.changed()
    try {
      await what()
    } catch (problem) {
      this.refusal = walletRefusal(problem)
    }
    this.busy = undefined
    await this.#events.reload()
    this.#events.changed()
  }
}
