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

describe("A plan that is inserted between others", () => {
  it("does not end a higher subscription if the user buys the new plan as a lifetime membership", () => {
    const ordered = done(subscribed(), plusForGood, start, withPlus).account
    const step = given(ordered, withPlus).when(lifetimePaid(5, "PRO", start), start).yields(
      Events.paymentRecorded(lifeMoney("PRO", start), { n: 5 }),
      Events.membershipActivated(5),
      Events.synced(start, 5)
    ).tellsNothing()
    assert.isUndefined(step.state.subscriptions[0]?.ending)
    assert.strictEqual(accessAt(step.state, start, withPlus).tier, pro)
  })

  it("cannot be bought by a user with a lifetime membership of the same or a higher tier", () => {
    const { account } = buyLifetime(emptyAccount, 1, "PRO", start)
    given(account, withPlus).when(createLifetime(5, lifetime("PRO")), start).refuses(new LifetimeHeld())
    given(account, withPlus).when(plusForGood, start).refuses(new LifetimeHeld())
  })

  it("does not lower the access of a user with a higher plan who is granted the new plan", () => {
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

describe("A retired plan", () => {
  it("cannot be bought", () => {
    assert.isUndefined(termsOf(retired, pro, "monthly"))
    assert.isUndefined(lifetimeTermsOf(retired, pro))
    assert.isDefined(termsOf(retired, lifetime("ENTERPRISE").tier, "monthly"))
  })

  it("continues for a user who has it", () => {
    const step = done(subscribed(), firstMonth(start), start, retired)
    assert.strictEqual(accessAt(step.account, start, retired).tier, pro)
  })

  it.effect("gives the same limits as before", () =>
    Effect.map(entitled(retired), ({ plan }) => assert.strictEqual(plan.tier, pro)))
})

describe("A plan that a user has and the catalogue lacks", () => {
  const check = (plans: Plans) =>
    Effect.scoped(Layer.build(layerCatalogueCheck.pipe(Layer.provide([holding, Layer.succeed(Catalogue, plans)]))))

  it.effect("prevents the start of a host", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(check(withoutPro))
      const said = "the plans do not list PRO, which users have: list these tiers, " +
        "and mark the tiers that are not sold as retired"
      assert.strictEqual(message, said)
      yield* check(withPlus)
    }))

  it.effect("is replaced by the next higher plan", () =>
    Effect.map(entitled(withoutPro), ({ plan, source }) => {
      assert.strictEqual(plan.tier, "ENTERPRISE")
      assert.strictEqual(source, "membership")
    }))
})
