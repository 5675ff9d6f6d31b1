/**
 * Random lives of one person's account: commands, a provider that does things by itself, observations of it that come
 * late or twice, and time that passes. Everything follows from a list of numbers.
 */
import {
  AccountMachine,
  type AccountStep,
  GrantId,
  type ProviderSnapshot,
  type SubscriptionAccount,
  type SubscriptionCommand,
  Tier
} from "@dchat/domain/subscription"
import { Arbitrary, DateTime, Result, Schema } from "effect"
import { Dice } from "../call/support/Dice.ts"
import { create, createLifetime, lifetime, money, nobody, plan, purchaseId, start, uuid } from "./given.ts"
import { ProviderModel } from "./ProviderModel.ts"

/** One command, and the account before and after it; no step where it was refused. */
export interface Turn {
  readonly command: SubscriptionCommand
  readonly at: DateTime.Utc
  readonly before: SubscriptionAccount
  readonly step: AccountStep | undefined
  readonly refusal: string | undefined
}

const terms = [plan("PRO", "monthly"), plan("PRO", "yearly"), plan("ENTERPRISE", "monthly")] as const

export const play = (numbers: ReadonlyArray<number>): ReadonlyArray<Turn> => {
  const world = new World()
  for (const number of numbers) world.take(new Dice(number))
  return world.turns
}

class World {
  readonly turns: Array<Turn> = []
  private account: SubscriptionAccount = nobody
  private at = start
  private purchases = 0
  private money = 0
  private readonly providers = new Map<string, ProviderModel>()
  private readonly observations: Array<ProviderSnapshot> = []

  take(dice: Dice): void {
    this.at = DateTime.add(this.at, { minutes: dice.pick([1, 5 * 60, 3 * 24 * 60, 12 * 24 * 60] as const) })
    const provider = dice.pick([...this.providers.values(), undefined])
    if (provider !== undefined && dice.below(2) === 0) {
      provider.happen(dice, this.at)
      if (dice.below(3) > 0) return this.observe(provider)
    }
    this.carryOut(this.command(dice))
  }

  private observe(provider: ProviderModel): void {
    const snapshot = provider.snapshot(this.at)
    this.observations.push(snapshot)
    this.carryOut({ _tag: "Sync", snapshot })
  }

  private command(dice: Dice): SubscriptionCommand {
    const open = this.account.subscriptions.at(-1)
    const own = this.account.subscriptions.find(({ method }) => method === "web3")
    const seen = this.observations.length === 0 ? undefined : dice.pick(this.observations)
    switch (dice.below(14)) {
      case 0:
      case 1:
        return create(++this.purchases, dice.pick(terms), {
          method: dice.pick(["stripe", "stripe", "web3"] as const),
          ...(open && this.providers.get(open.id)?.close() !== false && { closed: open.id })
        })
      case 2:
        return createLifetime(++this.purchases, lifetime(dice.pick(["PRO", "ENTERPRISE"] as const)))
      case 3:
        return { _tag: "Cancel", when: "period_end" }
      case 4:
        return { _tag: "Cancel", when: "now", confirmed: true }
      case 5:
        return { _tag: "UndoCancel" }
      case 6:
        return { _tag: "Change", terms: dice.pick(terms), prorationDate: this.at }
      case 7:
        return { _tag: "UndoChange" }
      case 8:
        return { _tag: "Refund" }
      case 9:
        return seen === undefined ? { _tag: "Tick" } : { _tag: "Sync", snapshot: seen }
      case 10:
        return this.grant(dice)
      case 11:
      case 12:
        return own === undefined ? { _tag: "Tick" } : {
          _tag: "PaymentSettled",
          purchaseId: own.id,
          payment: money(`tx${dice.below(4) === 0 ? this.money : ++this.money}`, this.at, {}, {
            kind: own.activatedAt === undefined ? "first" : "renewal"
          })
        }
      default:
        return { _tag: "Tick" }
    }
  }

  private grant(dice: Dice): SubscriptionCommand {
    const [given] = this.account.grants
    if (given !== undefined && dice.below(2) === 0) return { _tag: "RevokeGrant", grantId: given.id }
    const grant = {
      id: GrantId.make(uuid("e", this.account.grants.length + 1)),
      tier: Tier.make("PRO"),
      rank: 1,
      from: this.at,
      until: DateTime.add(this.at, { days: dice.below(60) }),
      source: "admin" as const,
      actor: "ops",
      reason: "a test"
    }
    return { _tag: "GiveGrant", grant }
  }

  private carryOut(command: SubscriptionCommand): void {
    const before = this.account
    const decided = AccountMachine.decide(command, before, this.at, { _tag: "User" })
    const step = Result.isSuccess(decided) ? decided.success : undefined
    const refusal = Result.isFailure(decided) ? decided.failure._tag : undefined
    this.turns.push({ command, at: this.at, before, step, refusal })
    if (step === undefined) return
    this.account = step.account
    for (const { intent, purchaseId } of step.intents) {
      if (intent._tag === "OpenCheckout" && "period" in intent.terms) {
        this.providers.set(purchaseId, new ProviderModel(purchaseId, intent.terms))
      } else this.providers.get(purchaseId)?.obey(intent, this.at)
    }
  }
}

/** What a provider says of one subscription over its life, observed again and again. */
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
