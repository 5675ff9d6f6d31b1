/**
 * Random lives of one user's account: commands, a provider that acts by itself, observations of it that come
 * late or twice, and time that passes. Everything follows from a list of numbers.
 */
import { UserId } from "@dchat/domain/identity"
import {
  accountAt,
  type BillingAccount,
  BillingAccountMachine,
  type BillingAccountStep,
  defaultPlans,
  emptyBillingAccount,
  GrantId,
  isLive,
  type PlanTerms,
  type ProviderSnapshot,
  type PurchaseId,
  type SubscriptionCommand,
  type SubscriptionCommandOf,
  Tier
} from "@dchat/domain/subscription"
import { Arbitrary, DateTime, Result, Schema } from "effect"
import { Dice } from "../call/support/Dice.ts"
import { done, emptyAccount, lifetime, money, paymentId, plan, purchaseId, start, uuid } from "./accounts.ts"
import { LifetimeModel } from "./LifetimeModel.ts"
import { ProviderModel } from "./ProviderModel.ts"

const bob = UserId.make(uuid("a", 2))

/** One command, and the account before and after it; no step where it was refused. */
export interface Turn {
  readonly command: SubscriptionCommand
  readonly at: DateTime.Utc
  readonly before: BillingAccount
  readonly step: BillingAccountStep | undefined
  readonly refusal: string | undefined
}

const terms = [plan("PRO", "monthly"), plan("PRO", "yearly"), plan("ENTERPRISE", "monthly")] as const

export const play = (numbers: ReadonlyArray<number>): ReadonlyArray<Turn> => lived(numbers).turns

const lived = (numbers: ReadonlyArray<number>): World => {
  const world = new World()
  for (const number of numbers) world.take(new Dice(number))
  return world
}

/** How a life ends once nothing is under way any more, and the provider and the account have heard of each other. */
export interface Aftermath {
  readonly account: BillingAccount
  readonly turns: ReadonlyArray<Turn>
  /** Subscriptions at the provider that will be charged for again. */
  readonly renewing: ReadonlyArray<{ readonly id: PurchaseId; readonly terms: PlanTerms }>
}

export const aftermathOf = (numbers: ReadonlyArray<number>): Aftermath => {
  const world = lived(numbers)
  world.comeToRest(new Dice(numbers[0] ?? 0))
  return world.aftermath()
}

/** More rounds of asking the provider and doing as is said then change nothing. */
const rounds = 8

class World {
  readonly turns: Array<Turn> = []
  private account: BillingAccount = emptyAccount
  private at = start
  private purchases = 0
  private money = 0
  private readonly providers = new Map<string, ProviderModel | LifetimeModel>()
  private readonly observations: Array<ProviderSnapshot> = []

  take(dice: Dice): void {
    this.at = DateTime.add(this.at, { minutes: dice.pick([1, 5 * 60, 3 * 24 * 60, 12 * 24 * 60] as const) })
    const providers = [...this.providers.values()]
    // Mostly of what was bought last: what is long over has little to say.
    const provider = dice.pick([...providers.slice(-2), dice.pick(providers), undefined])
    if (provider !== undefined && dice.below(2) === 0) {
      provider.happen(dice, this.at)
      if (dice.below(3) > 0) return this.observe(provider, dice)
    }
    if (dice.below(100) === 0) return this.merge(dice)
    this.carryOut(this.command(dice), dice)
  }

  comeToRest(dice: Dice): void {
    for (const provider of this.providers.values()) provider.resolveRefunds(dice)
    for (let round = 0; round < rounds; round++) {
      for (const provider of this.providers.values()) {
        this.at = DateTime.add(this.at, { minutes: 1 })
        provider.resolveRefunds(dice)
        this.observe(provider, dice)
      }
    }
  }

  aftermath(): Aftermath {
    const renewing = [...this.providers.values()].flatMap(({ id, renewing }) =>
      renewing === undefined ? [] : [{ id, terms: renewing }]
    )
    return { account: this.account, turns: this.turns, renewing }
  }

  private observe(provider: ProviderModel | LifetimeModel, dice: Dice): void {
    const snapshot = provider.snapshot(this.at)
    this.observations.push(snapshot)
    this.carryOut({ _tag: "Sync", snapshot }, dice)
  }

  private command(dice: Dice): SubscriptionCommand {
    const own = this.account.subscriptions.find(({ method }) => method === "web3")
    const seen = this.observations.length === 0 ? undefined : dice.pick(this.observations)
    switch (dice.below(20)) {
      case 0:
      case 1:
      case 2:
        return this.order(dice)
      case 3: {
        const { autoRenew: _, ...order } = this.order(dice)
        return { ...order, _tag: "Renew" }
      }
      case 4:
      case 5:
        // A user with a lifetime membership of a tier buys little more.
        return dice.below(6) === 0 ? this.orderForGood(dice) : this.order(dice)
      case 6:
        return { _tag: "Cancel", when: "period_end" }
      case 7:
        return { _tag: "Cancel", when: "now", confirmed: true }
      case 8:
        return { _tag: "UndoCancel" }
      case 9:
        return { _tag: "Change", terms: dice.pick(terms), prorationDate: this.at }
      case 10:
        return { _tag: "UndoChange" }
      case 11:
      case 12:
        return dice.below(3) === 0 ? { _tag: "Refund", admin: true } : { _tag: "Refund" }
      case 13:
        return seen === undefined ? { _tag: "Tick" } : { _tag: "Sync", snapshot: seen }
      case 14:
        return this.grant(dice)
      case 15:
      case 16:
        return own === undefined ? { _tag: "Tick" } : {
          _tag: "PaymentSettled",
          purchaseId: own.id,
          payment: money(`tx${dice.below(4) === 0 ? this.money : ++this.money}`, this.at, {}, {
            kind: own.activatedAt === undefined ? "first" : "renewal"
          })
        }
      case 17:
        return dice.below(8) === 0 ? { _tag: "EndBilling", leftAt: this.at } : { _tag: "Tick" }
      default:
        return { _tag: "Tick" }
    }
  }

  private order(dice: Dice): SubscriptionCommandOf<"Create"> {
    return {
      _tag: "Create",
      ...this.ids(),
      ...this.closed(this.account.subscriptions),
      terms: dice.pick(terms),
      ...dice.pick(
        [
          { method: "stripe", autoRenew: true },
          { method: "stripe", autoRenew: true },
          { method: "stripe", autoRenew: false },
          { method: "web3", autoRenew: false }
        ] as const
      )
    }
  }

  private orderForGood(dice: Dice): SubscriptionCommand {
    return {
      _tag: "CreateLifetime",
      ...this.ids(),
      ...this.closed(this.account.memberships),
      terms: lifetime(dice.pick(["PRO", "ENTERPRISE"] as const)),
      method: "stripe"
    }
  }

  private ids() {
    const n = ++this.purchases
    return { purchaseId: purchaseId(n), paymentId: paymentId(n) }
  }

  /** The page of the last purchase can be paid no more, unless it was. */
  private closed(purchases: ReadonlyArray<{ readonly id: PurchaseId }>) {
    const last = purchases.at(-1)
    return last !== undefined && this.providers.get(last.id)?.close() !== false ? { closed: last.id } : {}
  }

  private grant(dice: Dice): SubscriptionCommand {
    const [given] = this.account.grants
    if (given !== undefined && dice.below(2) === 0) return { _tag: "RevokeGrant", grantId: given.id }
    const grant = {
      id: GrantId.make(uuid("e", this.account.grants.length + 1)),
      tier: Tier.make("PRO"),
      from: this.at,
      until: DateTime.add(this.at, { days: dice.below(60) }),
      source: "admin" as const,
      actor: "ops",
      reason: "a test"
    }
    return { _tag: "GiveGrant", grant }
  }

  /** Merges two users, if allowed: no payment is pending, and one of them has no subscription. */
  private merge(dice: Dice): void {
    const mine = accountAt(this.account, this.at)
    if ([...mine.subscriptions, ...mine.memberships].some(({ state }) => state === "pending")) return
    const other = this.somebodyElse(dice, mine.subscriptions.some(isLive))
    if (dice.below(2) === 0) return this.carryOut({ _tag: "MergeIn", account: other }, dice)
    this.carryOut({ _tag: "MergeOut", to: other.userId }, dice)
    this.account = other
    this.carryOut({ _tag: "MergeIn", account: mine }, dice)
  }

  /** A user who has just bought a lifetime membership, or a subscription unless `hasNone`. */
  private somebodyElse(dice: Dice, hasNone: boolean): BillingAccount {
    const ids = this.ids()
    const order = dice.below(2) === 0 || hasNone
      ? { _tag: "CreateLifetime" as const, ...ids, terms: lifetime("PRO"), method: "stripe" as const }
      : { _tag: "Create" as const, ...ids, terms: dice.pick(terms), method: "stripe" as const, autoRenew: true }
    const ordered = done(emptyBillingAccount(bob), order, this.at)
    this.open(ordered)
    const snapshot = this.paid(ids.purchaseId, dice)
    return snapshot === undefined
      ? ordered.account
      : done(ordered.account, { _tag: "Sync", snapshot }, this.at).account
  }

  private paid(id: PurchaseId, dice: Dice): ProviderSnapshot | undefined {
    const provider = this.providers.get(id)
    if (provider === undefined) return undefined
    let snapshot = provider.snapshot(this.at)
    while (snapshot.payments.length === 0) {
      provider.happen(dice, this.at)
      snapshot = provider.snapshot(this.at)
    }
    return snapshot
  }

  private open({ intents }: BillingAccountStep): void {
    for (const { intent, purchaseId } of intents) {
      if (intent._tag !== "OpenCheckout") continue
      const provider = "period" in intent.terms
        ? new ProviderModel(purchaseId, intent.terms)
        : new LifetimeModel(purchaseId, intent.terms)
      this.providers.set(purchaseId, provider)
    }
  }

  private carryOut(command: SubscriptionCommand, dice: Dice): void {
    const before = this.account
    const decided = BillingAccountMachine.decide(command, before, this.at, { _tag: "User" }, defaultPlans)
    const step = Result.isSuccess(decided) ? decided.success : undefined
    const refusal = Result.isFailure(decided) ? decided.failure._tag : undefined
    this.turns.push({ command, at: this.at, before, step, refusal })
    if (step === undefined) return
    this.account = step.account
    this.open(step)
    for (const { intent, purchaseId } of step.intents) {
      const isDone = this.providers.get(purchaseId)?.obey(intent, dice, this.at) ?? false
      if (!isDone && intent._tag === "Refund") {
        this.carryOut({ _tag: "IntentRefused", purchaseId, intent }, dice)
      }
    }
  }
}

/** The observations of one subscription over its life, repeated again and again. */
export const observations = (numbers: ReadonlyArray<number>): ReadonlyArray<ProviderSnapshot> => {
  const period = new Dice(numbers[0] ?? 0).pick(["monthly", "yearly"] as const)
  const provider = new ProviderModel(purchaseId(1), plan("PRO", period))
  let at = start
  return numbers.map((number) => {
    const dice = new Dice(number)
    at = DateTime.add(at, { days: dice.below(16), hours: 1 })
    provider.happen(dice, at)
    return provider.snapshot(at)
  })
}

const number = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 })))

export const randomLife = Arbitrary.array(number, { minLength: 2, maxLength: 120 })
export const shortLife = Arbitrary.array(number, { minLength: 2, maxLength: 25 })

export const numbersFor = (seed: number, index: number): ReadonlyArray<number> => {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ index)
  return Array.from({ length: 30 + dice.below(90) }, () => dice.roll())
}
