import {
  Catalogue,
  defaultPlans,
  Entitlements,
  GrantId,
  layerCatalogueCheck,
  LifetimeHeld,
  lifetimeTermsOf,
  type Plans,
  SubscriptionRepository,
  termsOf,
  Tier
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  accessAt,
  alice,
  buyLifetime,
  createLifetime,
  done,
  emptyAccount,
  firstMonth,
  lifeMoney,
  lifetime,
  lifetimePaid,
  start,
  subscribed,
  uuid
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"

const [free, ...higher] = defaultPlans
const pro = lifetime("PRO").tier
const plus = Tier.make("PLUS")

/** A cheap plan came between, after everything else was bought. */
const withPlus: Plans = [free, { ...free, tier: plus }, ...higher]
const retired: Plans = [free, ...higher.map((plan) => plan.tier === pro ? { ...plan, retired: true as const } : plan)]
const withoutPro: Plans = [free, ...higher.filter(({ tier }) => tier !== pro)]

const plusForGood = createLifetime(5, { ...lifetime("PRO"), tier: plus })

describe("a plan that comes between others", () => {
  it("takes nothing from who has a higher one by the month and buys the new one for good", () => {
    const ordered = done(subscribed(), plusForGood, start, withPlus).account
    const step = given(ordered, withPlus).when(lifetimePaid(5, "PRO", start), start).yields(
      Events.paymentRecorded(lifeMoney("PRO", start), { n: 5 }),
      Events.membershipActivated(5),
      Events.synced(start, 5)
    ).tellsNothing()
    assert.isUndefined(step.state.subscriptions[0]?.ending)
    assert.strictEqual(accessAt(step.state, start, withPlus).tier, pro)
  })

  it("leads nobody to buy again what they have for good, or less", () => {
    const { account } = buyLifetime(emptyAccount, 1, "PRO", start)
    given(account, withPlus).when(createLifetime(5, lifetime("PRO")), start).refuses(new LifetimeHeld())
    given(account, withPlus).when(plusForGood, start).refuses(new LifetimeHeld())
  })

  it("gives no less to who has a higher one and is given the new one", () => {
    const id = GrantId.make(uuid("e", 1))
    const grant = { id, tier: plus, from: start, source: "admin", actor: "ops", reason: "a test" } as const
    const { account } = done(subscribed(), { _tag: "GiveGrant", grant }, start, withPlus)
    assert.deepInclude(accessAt(account, start, withPlus), { tier: pro, source: "subscription" })
  })
})

const holding = Layer.mock(SubscriptionRepository, {
  load: () => Effect.succeed(buyLifetime(emptyAccount, 1, "PRO", start).account),
  tiersHeld: Effect.succeed([pro])
})

const entitled = (plans: Plans) =>
  Effect.flatMap(Entitlements, (entitlements) => entitlements.of(alice)).pipe(
    Effect.provide(Entitlements.layer.pipe(Layer.provide([holding, Layer.succeed(Catalogue, plans)])))
  )

describe("a plan that is sold no more", () => {
  it("is bought by emptyAccount", () => {
    assert.isUndefined(termsOf(retired, pro, "monthly"))
    assert.isUndefined(lifetimeTermsOf(retired, pro))
    assert.isDefined(termsOf(retired, lifetime("ENTERPRISE").tier, "monthly"))
  })

  it("goes on as before for who has it", () => {
    const step = done(subscribed(), firstMonth(start), start, retired)
    assert.strictEqual(accessAt(step.account, start, retired).tier, pro)
  })

  it.effect("gives what it gave", () => Effect.map(entitled(retired), ({ plan }) => assert.strictEqual(plan.tier, pro)))
})

describe("a plan that somebody has and the catalogue lacks", () => {
  const check = (plans: Plans) =>
    Effect.scoped(Layer.build(layerCatalogueCheck.pipe(Layer.provide([holding, Layer.succeed(Catalogue, plans)]))))

  it.effect("lets no host start", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(check(withoutPro))
      const said = "the plans do not list PRO, which users have: list these tiers, " +
        "and mark the tiers that are not sold as retired"
      assert.strictEqual(message, said)
      yield* check(withPlus)
    }))

  it.effect("gives no less than what is paid for", () =>
    Effect.map(entitled(withoutPro), ({ plan, source }) => {
      assert.strictEqual(plan.tier, "ENTERPRISE")
      assert.strictEqual(source, "membership")
    }))
})
