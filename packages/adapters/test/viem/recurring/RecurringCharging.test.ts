import { isLeftOut } from "@dchat/doubles/chain"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import {
  authorized,
  before,
  type ChargedInstallation,
  install,
  monthOne,
  price,
  sendGrants
} from "./support/ChargedInstallation.ts"

const timeout = 60_000
const monthTwo = DateTime.makeUnsafe("2027-03-31T10:00:00.000Z")

/** The period is renewed by exactly one transfer. */
const assertChargedOnce = Effect.fnUntraced(function*(
  { balanceOf, double, recipient, subscription }: ChargedInstallation,
  token: Parameters<ChargedInstallation["balanceOf"]>[1] = double.contracts.usdc
) {
  assert.strictEqual(yield* balanceOf(recipient, token), price)
  assert.deepStrictEqual((yield* subscription).paidThrough, monthTwo)
})

const assertNotCharged = Effect.fnUntraced(
  function*({ balanceOf, recipient, sent, transactions }: ChargedInstallation) {
    assert.strictEqual(yield* balanceOf(recipient), 0n)
    assert.strictEqual(yield* sent, 0)
    assert.deepStrictEqual(yield* transactions, [])
  }
)

const warnings = ({ events }: ChargedInstallation) =>
  Effect.map(events, (all) => all.flatMap((event) => event._tag === "RenewalWarned" ? [event.reason] : []))

describe.skipIf(isLeftOut)("A renewal by authorisation", { timeout }, () => {
  it.effect("is charged once, a day before the end, and settled by the scan of the chain", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, events, goTo, sent, settle, subscription, transactions } = installation
      yield* authorized(installation)
      yield* goTo(before({ days: 1, minutes: 1 }))
      yield* charging.sweep
      assert.deepStrictEqual(yield* transactions, [])
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
      yield* goTo(before({ hours: 1 }))
      yield* charging.sweep
      yield* settle
      assert.strictEqual(yield* sent, 1)
      yield* assertChargedOnce(installation)
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["succeeded"])
      assert.isDefined((yield* subscription).authorization)
      const tags = (yield* events).map(({ _tag }) => _tag)
      assert.notInclude(tags, "ReminderDue")
      assert.notInclude(tags, "RenewalWarned")
      assert.strictEqual(tags.filter((tag) => tag === "Renewed").length, 1)
    }))

  it.effect("is charged in each period", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { balanceOf, charging, goTo, recipient, settle, subscription } = installation
      yield* authorized(installation)
      for (const at of [before({ days: 1 }), DateTime.subtract(monthTwo, { days: 1 })]) {
        yield* goTo(at)
        yield* charging.sweep
        yield* settle
      }
      assert.strictEqual(yield* balanceOf(recipient), 2n * price)
      assert.deepStrictEqual((yield* subscription).paidThrough, DateTime.makeUnsafe("2027-04-30T10:00:00.000Z"))
    }))

  it.effect("takes a token that answers nothing and changes an allowance only from zero", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, double, goTo, settle } = installation
      const { usdt } = double.contracts
      const wish = installation.wish("allowance", usdt)
      assert.deepStrictEqual(yield* sendGrants(installation, wish, 1), ["approve"])
      assert.deepStrictEqual(yield* sendGrants(installation, wish, 12), ["reset", "approve"])
      assert.deepStrictEqual(yield* sendGrants(installation, wish, 12), [])
      yield* installation.authorizations.authorize(installation.userId, wish)
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation, usdt)
    }))

  it.effect("is charged by Permit2 after its transactions", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, goTo, settle } = installation
      const wish = installation.wish("permit2")
      assert.deepStrictEqual(yield* sendGrants(installation, wish), ["approve", "approve_permit2"])
      yield* installation.authorizations.authorize(installation.userId, wish)
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("is not charged for the months in which no host ran", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, events, goTo } = installation
      yield* authorized(installation)
      yield* goTo(DateTime.add(monthOne, { days: 70 }))
      yield* charging.sweep
      yield* installation.act({ _tag: "Tick" })
      yield* charging.sweep
      yield* assertNotCharged(installation)
      assert.deepInclude((yield* events).at(-1), { _tag: "AuthorizationEnded", cause: "ended" })
    }))

  it.effect("is charged once if the hosts stood still until shortly before the end", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, goTo, sent, settle } = installation
      yield* authorized(installation)
      yield* goTo(before({ hours: 2 }))
      yield* charging.sweep
      yield* settle
      yield* goTo(DateTime.add(monthOne, { hours: 1 }))
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
      assert.strictEqual(yield* sent, 1)
    }))

  it.effect("uses the credit of the user first", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { account, act, balanceOf, charging, double, goTo, mine, payer, recipient, scanner, settle, subscription } =
        installation
      yield* authorized(installation)
      yield* goTo(before({ days: 5 }))
      // Paid by hand, more than was asked for.
      const { terms } = yield* subscription
      const paymentId = (yield* account).payments[0]?.id ?? assert.fail("no payment")
      const renewal = paymentId.replace(/^........-..../, "00000000-0000") as typeof paymentId
      yield* act({ _tag: "Renew", purchaseId: installation.purchaseId, paymentId: renewal, method: "web3", terms })
      yield* installation.quote(renewal)
      yield* double.transfer(double.contracts.usdc, payer, recipient, price + 1_000_000n)
      yield* mine(4)
      yield* scanner.scan(installation.chain.chainId)
      assert.deepStrictEqual((yield* account).walletCredit?.minorUnits, 100n)
      yield* goTo(DateTime.subtract(monthTwo, { days: 1 }))
      yield* charging.sweep
      yield* settle
      assert.strictEqual(yield* balanceOf(recipient), 2n * price)
      assert.isUndefined((yield* account).walletCredit)
    }))
})

describe.skipIf(isLeftOut)("A charge that would fail", { timeout }, () => {
  const cases = {
    allowance: ({ double, operator, payer }: ChargedInstallation) =>
      Effect.asVoid(double.approve(double.contracts.usdc, payer, operator.address, price - 1n)),
    balance: ({ balanceOf, double, payer }: ChargedInstallation) =>
      Effect.gen(function*() {
        const all = yield* balanceOf(payer.address)
        yield* double.transfer(double.contracts.usdc, payer, double.accounts[5]?.address ?? "0x", all - price + 1n)
      }),
    blocked: ({ double, payer }: ChargedInstallation) =>
      Effect.asVoid(double.write(payer, double.contracts.usdc, "setBlacklisted", [payer.address, true])),
    paused: ({ double, payer }: ChargedInstallation) =>
      Effect.asVoid(double.write(payer, double.contracts.usdc, "setPaused", [true]))
  }

  for (const reason of ["allowance", "balance", "blocked", "paused"] as const) {
    it.effect(`warns the user three days before the end, by the reason ${reason}, and is not sent`, () =>
      Effect.gen(function*() {
        const installation = yield* install
        const { act, charging, events, goTo, subscription } = installation
        yield* authorized(installation)
        yield* cases[reason](installation)
        yield* goTo(before({ days: 3, hours: 1 }))
        yield* charging.sweep
        assert.deepStrictEqual(yield* warnings(installation), [])
        yield* goTo(before({ days: 3 }))
        yield* charging.sweep
        assert.deepStrictEqual(yield* warnings(installation), [reason])
        assert.deepInclude((yield* subscription).warning, { reason, endsAt: monthOne })
        yield* goTo(before({ hours: 20 }))
        yield* charging.sweep
        yield* act({ _tag: "Tick" })
        assert.deepStrictEqual(yield* warnings(installation), [reason])
        const reminders = (yield* events).flatMap((event) => event._tag === "ReminderDue" ? [event.days] : [])
        assert.deepStrictEqual(reminders, [1])
        yield* assertNotCharged(installation)
      }))
  }

  it.effect("because the allowance of Permit2 has expired is one without an allowance", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, double, goTo, operator, payer } = installation
      const { permit2, usdc } = double.contracts
      yield* authorized(installation, installation.wish("permit2"))
      const expiration = Math.floor(before({ days: 4 }).epochMilliseconds / 1000)
      yield* double.write(payer, permit2, "approve", [usdc.address, operator.address, 100n * price, expiration])
      yield* goTo(before({ days: 3 }))
      yield* charging.sweep
      assert.deepStrictEqual(yield* warnings(installation), ["allowance"])
    }))

  it.effect("works after the user has filled the wallet, until the end of the period", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, double, goTo, payer, settle } = installation
      yield* authorized(installation)
      yield* cases.balance(installation)
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* assertNotCharged(installation)
      yield* double.mint(double.contracts.usdc, payer.address, price)
      yield* goTo(before({ hours: 22 }))
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("because no node answers warns the user only when it is due", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, goTo, proxy } = installation
      yield* authorized(installation)
      yield* goTo(before({ days: 3 }))
      yield* proxy.faults.add({ _tag: "Drop" })
      yield* charging.sweep
      assert.deepStrictEqual(yield* warnings(installation), [])
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      assert.deepStrictEqual(yield* warnings(installation), ["unavailable"])
      yield* proxy.faults.clear
      yield* goTo(before({ hours: 22 }))
      yield* charging.sweep
      yield* installation.settle
      yield* assertChargedOnce(installation)
    }))
})

describe.skipIf(isLeftOut)("An authorisation that ends", { timeout }, () => {
  it.effect("because its wallet was unlinked charges nothing", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, charging, events, goTo, owners, userId } = installation
      yield* authorized(installation)
      owners.clear()
      yield* authorizations.review(userId)
      assert.deepInclude((yield* events).at(-1), { _tag: "AuthorizationEnded", cause: "unlinked" })
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* assertNotCharged(installation)
    }))

  it.effect("because its wallet was unlinked charges nothing, even if the notice was lost", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { charging, events, goTo, owners } = installation
      yield* authorized(installation)
      owners.clear()
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      assert.deepInclude((yield* events).at(-1), { _tag: "AuthorizationEnded", cause: "unlinked" })
      yield* assertNotCharged(installation)
    }))

  it.effect("while a charge waits for a block withdraws the charge", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { act, balanceOf, charging, goTo, recipient, sent, settle, transactions } = installation
      yield* authorized(installation)
      yield* goTo(before({ days: 1 }))
      yield* charging.sweep
      yield* act({ _tag: "Cancel", when: "period_end" })
      yield* charging.sweep
      yield* settle
      assert.strictEqual(yield* balanceOf(recipient), 0n)
      assert.strictEqual(yield* sent, 1)
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["voided"])
    }))
})
