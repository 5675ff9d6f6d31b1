/**
 * One random history of a chain: users order and pay, blocks are mined and reorganised, endpoints fail in every way, and
 * two hosts read the chain and stop in the middle. Everything follows from a seed.
 */
import type { Chain } from "@dchat/domain/onchain"
import type { BillingAccount, SubscriptionCommand } from "@dchat/domain/subscription"
import { Clock, DateTime, Effect, Logger } from "effect"
import { Dice } from "../../../../domain/test/call/support/Dice.ts"
import { openQuotes, type Payer, payers, simulatedChain, Wallets, wishFor } from "./Payers.ts"
import { deepest, randomMood } from "./randomMood.ts"
import { randomOrder } from "./randomOrder.ts"
import { headOf, type History, SimulatedChain, type Transaction } from "./SimulatedChain.ts"
import { type SimulatedEndpoint, simulatedEndpoint } from "./SimulatedEndpoint.ts"
import { startHosts, type TrialHosts } from "./TrialHosts.ts"
import { Watch } from "./Watch.ts"

/** The state at the end of a history. */
export interface Played {
  readonly seed: number
  readonly chain: Chain
  readonly history: History
  readonly accounts: ReadonlyArray<BillingAccount>
  readonly hosts: TrialHosts
  readonly scans: number
  /** How often each event of the simulation happened. */
  readonly happened: ReadonlyMap<string, number>
}

/** Blocks after which every earlier block is final. */
const finishing = 90

const budget = {
  installation: { currency: "USD", minorUnits: 6000n },
  user: { currency: "USD", minorUnits: 2500n }
}

const start = DateTime.makeUnsafe("2027-01-31T10:00:00.000Z")
const user = { _tag: "User" } as const

/** A step of a host that never ends: the host has stopped. */
class Stopped {
  readonly _tag = "Stopped"
}

class World {
  readonly chain: SimulatedChain
  readonly settings: Chain
  readonly endpoints: ReadonlyArray<SimulatedEndpoint>
  readonly happened = new Map<string, number>()
  readonly watch: Watch
  scans = 0
  now = start
  private readonly dice: Dice
  private readonly transactions: Wallets
  private orders = 0
  /** The interruptions between two steps of a scan, and the number of steps before each. */
  private surprise: { after: number; readonly happen: Effect.Effect<void> } | undefined

  constructor(seed: number) {
    const dice = new Dice(seed)
    this.dice = dice
    this.transactions = new Wallets(dice)
    this.chain = new SimulatedChain(start)
    this.settings = simulatedChain(dice, dice.chance(50))
    const count = dice.pick([2, 2, 2, 3] as const)
    this.endpoints = ["one", "two", "three"].slice(0, count).map((name) =>
      simulatedEndpoint(name, () => this.chain.history, dice, Effect.suspend(() => this.interrupt()))
    )
    this.watch = new Watch(this.settings, budget)
  }

  readonly clock: Clock.Clock = (() => {
    const millis = () => this.now.epochMilliseconds
    const nanos = () => BigInt(millis()) * 1_000_000n
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: () => Effect.yieldNow
    }
  })()

  get play() {
    return Effect.scoped(Effect.gen({ self: this }, function*() {
      const hosts = yield* startHosts({
        chain: this.settings,
        endpoints: this.endpoints,
        owners: new Map(payers.map(({ userId, wallet }) => [wallet, userId])),
        budget,
        before: Effect.suspend(() => this.interrupt())
      })
      this.mine(finishing)
      yield* this.scanOnce(hosts, 0)
      const turns = 25 + this.dice.below(40)
      for (let turn = 0; turn < turns; turn++) {
        yield* this.turn(hosts)
        this.watch.provisional(yield* hosts.accounts)
      }
      yield* this.finish(hosts)
      return hosts
    }))
  }

  private count(name: string): void {
    this.happened.set(name, (this.happened.get(name) ?? 0) + 1)
  }

  private turn(hosts: TrialHosts): Effect.Effect<void> {
    const { dice } = this
    const payer = dice.pick(payers)
    switch (dice.below(20)) {
      case 0:
      case 1:
      case 2:
        return this.order(hosts, payer)
      case 3:
      case 4:
      case 5:
        return this.pay(hosts, payer)
      case 6:
        return Effect.sync(() => this.chain.send(this.transactions.stray()))
      case 7:
      case 8:
      case 9:
        return Effect.sync(() => this.mine(1 + dice.below(6)))
      case 10:
        return Effect.sync(() => this.mine(1 + dice.below(40)))
      case 11:
        return Effect.sync(() => this.reorganise())
      case 12:
      case 13:
        return Effect.sync(() => this.changeMoods())
      case 14:
        return dice.chance(30) ? Effect.andThen(Effect.sync(() => this.wait()), hosts.clock.sweep) : Effect.void
      case 15:
        return this.leave(hosts, payer)
      default:
        return this.scan(hosts, dice.pick([0, 1] as const))
    }
  }

  private wait(): void {
    this.now = DateTime.add(this.now, { minutes: this.dice.pick([20, 5 * 60, 25 * 60, 25 * 24 * 60] as const) })
    this.mine(1)
  }

  private perform(hosts: TrialHosts, { userId }: Payer, command: SubscriptionCommand) {
    return Effect.ignore(hosts.perform(userId, command, user))
  }

  private order(hosts: TrialHosts, payer: Payer): Effect.Effect<void> {
    const { dice } = this
    return Effect.gen({ self: this }, function*() {
      const before = yield* hosts.repository.load(payer.userId)
      yield* this.perform(hosts, payer, randomOrder(dice, before, ++this.orders, this.now))
      for (const payment of (yield* hosts.repository.load(payer.userId)).payments) {
        yield* Effect.ignore(hosts.wallets.quote(payer.userId, payment.id, wishFor(dice, payer.wallet)))
      }
    })
  }

  private pay(hosts: TrialHosts, { userId }: Payer): Effect.Effect<void> {
    return Effect.map(hosts.repository.load(userId), ({ payments }) => {
      const quote = this.dice.pick(openQuotes(payments)) ??
        this.dice.pick(payments.flatMap(({ quotes = [] }) => quotes))
      if (quote === undefined || quote.amount === 0n) return
      const transaction = this.transactions.pay(quote)
      if (this.dice.chance(85)) this.chain.send(transaction)
      else this.watch.wish(transaction)
    })
  }

  private leave(hosts: TrialHosts, payer: Payer): Effect.Effect<void> {
    return this.perform(
      hosts,
      payer,
      this.dice.chance(70)
        ? { _tag: "Cancel", when: "now", confirmed: true }
        : { _tag: "Cancel", when: "period_end" }
    )
  }

  private mine(blocks: number): void {
    const { chain, dice } = this
    for (let left = blocks; left > 0; left--) {
      chain.mine(DateTime.subtract(this.now, { seconds: left * 12 }), (waiting) => {
        const taken = waiting.filter(() => dice.chance(70))
        return dice.chance(30) ? taken.toReversed() : taken
      })
    }
    this.now = DateTime.max(this.now, headOf(chain.history).header.at)
  }

  /** Blocks are taken back. Their transactions come again in other blocks, later, or never. */
  private reorganise(): void {
    const { chain, dice } = this
    const height = headOf(chain.history).header.number
    const most = height - Math.max(0, chain.highest - deepest)
    const depth = Math.min(most, dice.chance(60) ? 1 + dice.below(5) : 1 + dice.below(deepest))
    if (depth <= 0) return
    this.count("reorganisation")
    const lost = dice.pick([0, 0, 10, 60])
    this.watch.saw(chain.history)
    chain.drop(depth, (_: Transaction) => dice.chance(lost))
    this.mine(dice.chance(20) ? 1 : depth + dice.below(3))
  }

  private changeMoods(): void {
    for (const endpoint of this.endpoints) endpoint.mood = { _tag: "honest" }
    const untruthful = this.dice.pick(this.endpoints)
    const forged = [this.transactions.stray(), this.transactions.stray(), ...this.watch.dreamt()]
    for (const endpoint of this.endpoints) {
      if (this.dice.chance(40)) continue
      endpoint.mood = randomMood(this.dice, this.chain, { forged, mayLie: endpoint === untruthful })
      this.count(`endpoint: ${endpoint.mood._tag}`)
    }
  }

  private scan(hosts: TrialHosts, host: 0 | 1): Effect.Effect<void> {
    const { dice } = this
    if (dice.chance(50)) this.surprise = { after: 1 + dice.below(40), happen: this.surpriseFor(hosts, host) }
    return this.scanOnce(hosts, host)
  }

  private scanOnce(hosts: TrialHosts, host: 0 | 1): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      this.watch.begin(yield* hosts.accounts)
      this.scans += 1
      const outcome = yield* hosts.scanners[host].scan(this.settings.chainId).pipe(
        Effect.catchDefect((defect) =>
          defect instanceof Stopped ? Effect.succeed({ _tag: "stopped" as const }) : Effect.die(defect)
        )
      )
      this.surprise = undefined
      this.count(`scan: ${outcome._tag}`)
      this.watch.end(yield* hosts.accounts, this.chain.history)
    })
  }

  private surpriseFor(hosts: TrialHosts, host: 0 | 1): Effect.Effect<void> {
    switch (this.dice.below(3)) {
      case 0:
        return Effect.sync(() => this.reorganise())
      case 1:
        return Effect.suspend(() => {
          this.count("the lease is lost during a scan")
          this.now = DateTime.add(this.now, { seconds: 61 })
          return Effect.ignoreCause(hosts.scanners[host === 0 ? 1 : 0].scan(this.settings.chainId))
        })
      default:
        return Effect.suspend(() => {
          this.count("a host stops during a scan")
          // Nothing that the host does after its end counts.
          this.surprise = { after: 0, happen: Effect.die(new Stopped()) }
          return Effect.die(new Stopped())
        })
    }
  }

  private interrupt(): Effect.Effect<void> {
    const { surprise } = this
    if (surprise === undefined || --surprise.after > 0) return Effect.void
    if (surprise.after === 0) this.surprise = undefined
    return surprise.happen
  }

  /** The chain grows beyond its final depth, and everybody answers honestly. */
  private finish(hosts: TrialHosts): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      for (const endpoint of this.endpoints) endpoint.mood = { _tag: "honest" }
      this.mine(5)
      this.chain.mine(this.now)
      this.mine(finishing)
      this.watch.begin(yield* hosts.accounts)
      for (let quiet = 0, round = 0; quiet < 3; round++) {
        if (round > 30) throw new Error("the hosts do not come to rest")
        this.now = DateTime.add(this.now, { seconds: 61 })
        const outcome = yield* hosts.scanners[round % 2 === 0 ? 0 : 1].scan(this.settings.chainId)
        quiet = outcome._tag === "read" && outcome.changes === 0 ? quiet + 1 : 0
      }
      this.watch.end(yield* hosts.accounts, this.chain.history)
    })
  }
}

export const playHistory = (seed: number): Effect.Effect<Played> =>
  Effect.suspend(() => {
    const world = new World(seed)
    return Effect.gen(function*() {
      const hosts = yield* world.play
      return {
        seed,
        chain: world.settings,
        history: world.chain.history,
        accounts: yield* hosts.accounts,
        hosts,
        scans: world.scans,
        happened: world.happened
      }
    }).pipe(Effect.provideService(Clock.Clock, world.clock), Effect.provide(Logger.layer([])))
  })
