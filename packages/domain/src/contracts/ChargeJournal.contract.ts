/**
 * The contract of `ChargeJournal`, for every implementation.
 */
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { ChargeJournal, type ChargeLane, HexBytes, type LaneLease, type OperatorTransaction } from "../onchain/index.ts"
import { PurchaseId } from "../subscription/index.ts"
import { someChain, someHash32 } from "./support/chainSteps.ts"
import { noon, someAddress } from "./support/identityFixtures.ts"

const somePurchase = () => PurchaseId.make(SecureRandom.uuidV7Unsafe())

const someLane = (): ChargeLane => ({ chainId: someChain(), account: someAddress() })

const signed = (more: Partial<OperatorTransaction["signed"][0]> = {}): OperatorTransaction["signed"][0] => ({
  raw: HexBytes.make("0x02f8ab"),
  hash: someHash32(),
  fees: { most: 2n ** 64n, tip: 1n },
  signedAt: noon,
  ...more
})

const transaction = (
  { account, chainId }: ChargeLane,
  nonce: number,
  more: Partial<OperatorTransaction> = {}
): OperatorTransaction => ({
  account,
  chainId,
  nonce,
  key: SecureRandom.uuidV7Unsafe(),
  purchaseId: somePurchase(),
  action: {
    _tag: "Charge",
    kind: "permit2",
    token: someAddress(),
    payer: someAddress(),
    recipient: someAddress(),
    amount: 2n ** 160n - 1n
  },
  signed: [signed()],
  state: "open",
  recordedAt: noon,
  ...more
})

/** The right to use a new lane. */
const leased = Effect.gen(function*() {
  const { lease } = yield* ChargeJournal
  return (yield* lease(someLane(), "a host", 60)) ?? (yield* Effect.die("another host uses a new lane"))
})

const recordedIn = Effect.fnUntraced(function*(lease: LaneLease, nonce: number, more?: Partial<OperatorTransaction>) {
  const { record } = yield* ChargeJournal
  const one = transaction(lease, nonce, more)
  assert.strictEqual(yield* record(lease, one), "recorded")
  return one
})

export const chargeJournalContract = (name: string, journal: Layer.Layer<ChargeJournal>): void =>
  layer(journal, { excludeTestServices: true })(name, (it) => {
    it.effect("gives a lane to one host at a time, and again after it was given back", () =>
      Effect.gen(function*() {
        const { lease, release } = yield* ChargeJournal
        const lane = someLane()
        const first = yield* lease(lane, "one", 60)
        assert.isUndefined(yield* lease(lane, "other", 60))
        assert.isDefined(yield* lease({ ...lane, account: someAddress() }, "other", 60))
        const again = (yield* lease(lane, "one", 60)) ?? assert.fail("a host renews its own lease")
        assert.isAbove(again.token, first?.token ?? Infinity)
        yield* release(again)
        assert.isDefined(yield* lease(lane, "other", 60))
      }))

    it.effect("gives a lane to another host once the lease is over", () =>
      Effect.gen(function*() {
        const { lease } = yield* ChargeJournal
        const lane = someLane()
        yield* lease(lane, "one", 0)
        assert.isDefined(yield* lease(lane, "other", 60))
      }))

    it.effect("keeps a transaction as it is", () =>
      Effect.gen(function*() {
        const { ofPurchase, open } = yield* ChargeJournal
        const lease = yield* leased
        const charge = yield* recordedIn(lease, 0)
        const permit = yield* recordedIn(lease, 1, {
          action: {
            _tag: "Permit",
            kind: "allowance",
            token: someAddress(),
            payer: someAddress(),
            permit: { amount: 5n, deadline: 2 ** 40, signature: HexBytes.make(`0x${"ab".repeat(65)}`) }
          },
          signed: [signed({ fees: { most: 7n }, isVoid: true })]
        })
        assert.deepStrictEqual(yield* open(lease, 10), [charge, permit])
        assert.deepStrictEqual(yield* open(lease, 1), [charge])
        assert.deepStrictEqual(yield* ofPurchase(permit.purchaseId, 10), [permit])
      }))

    it.effect("gives out each nonce once, and no nonce below", () =>
      Effect.gen(function*() {
        const { nextNonce, record } = yield* ChargeJournal
        const lease = yield* leased
        assert.strictEqual(yield* nextNonce(lease), 0)
        yield* recordedIn(lease, 7)
        assert.strictEqual(yield* nextNonce(lease), 8)
        assert.strictEqual(yield* record(lease, transaction(lease, 7)), "lost")
        assert.strictEqual(yield* record(lease, transaction(lease, 6)), "lost")
        yield* recordedIn(lease, 8)
        assert.strictEqual(yield* nextNonce(lease), 9)
      }))

    it.effect("keeps one of many transactions that are recorded for one nonce at the same time", () =>
      Effect.gen(function*() {
        const { open, record } = yield* ChargeJournal
        const lease = yield* leased
        const answers = yield* Effect.forEach(
          Array.makeBy(20, () => transaction(lease, 0)),
          (one) => record(lease, one),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(answers.filter((answer) => answer === "recorded").length, 1)
        assert.strictEqual((yield* open(lease, 100)).length, 1)
      }))

    it.effect("keeps one transaction of a key while it is open and after it has succeeded, in all lanes", () =>
      Effect.gen(function*() {
        const { close, nextNonce, record } = yield* ChargeJournal
        const [lease, other] = [yield* leased, yield* leased]
        const { key } = yield* recordedIn(lease, 0)
        assert.strictEqual(yield* record(lease, transaction(lease, 1, { key })), "exists")
        assert.strictEqual(yield* record(other, transaction(other, 0, { key })), "exists")
        assert.strictEqual(yield* nextNonce(lease), 1)
        assert.strictEqual(yield* nextNonce(other), 0)
        assert.isTrue(yield* close(lease, 0, "succeeded", noon))
        assert.strictEqual(yield* record(lease, transaction(lease, 1, { key })), "exists")
      }))

    it.effect("keeps another transaction of a key after the first has failed", () =>
      Effect.gen(function*() {
        const { close, ofPurchase } = yield* ChargeJournal
        const lease = yield* leased
        const { key, purchaseId } = yield* recordedIn(lease, 0)
        const later = DateTime.add(noon, { hours: 6 })
        assert.isTrue(yield* close(lease, 0, "failed", later))
        yield* recordedIn(lease, 1, { key, purchaseId, recordedAt: later })
        assert.deepStrictEqual(
          (yield* ofPurchase(purchaseId, 10)).map(({ closedAt, nonce, state }) => [nonce, state, closedAt]),
          [[1, "open", undefined], [0, "failed", later]]
        )
        assert.strictEqual((yield* ofPurchase(purchaseId, 1))[0]?.nonce, 1)
      }))

    it.effect("adds signed transactions with the same nonce, in order, while the transaction is open", () =>
      Effect.gen(function*() {
        const { close, ofPurchase, replace } = yield* ChargeJournal
        const lease = yield* leased
        const first = yield* recordedIn(lease, 0)
        const [second, third] = [signed(), signed({ isVoid: true })]
        assert.isTrue(yield* replace(lease, 0, second))
        assert.isTrue(yield* replace(lease, 0, third))
        assert.deepStrictEqual((yield* ofPurchase(first.purchaseId, 1))[0]?.signed, [first.signed[0], second, third])
        assert.isTrue(yield* close(lease, 0, "voided", noon))
        assert.isFalse(yield* replace(lease, 0, signed()))
        assert.isFalse(yield* close(lease, 0, "succeeded", noon))
      }))

    it.effect("stores nothing by a lease that another host has taken over", () =>
      Effect.gen(function*() {
        const { close, lease, open, record, replace } = yield* ChargeJournal
        const lane = someLane()
        const old = (yield* lease(lane, "one", 0)) ?? assert.fail("no lease")
        yield* recordedIn(old, 0)
        const next = (yield* lease(lane, "other", 60)) ?? assert.fail("the lease is not over")
        assert.strictEqual(yield* record(old, transaction(lane, 1)), "lost")
        assert.isFalse(yield* replace(old, 0, signed()))
        assert.isFalse(yield* close(old, 0, "failed", noon))
        assert.strictEqual((yield* open(lane, 10)).length, 1)
        yield* recordedIn(next, 1)
      }))

    it.effect("claims due subscriptions, earliest first, and each one for one host", () =>
      Effect.gen(function*() {
        const { claim, forget, schedule, watch } = yield* ChargeJournal
        // Long ago, so that no other test has anything due.
        const now = DateTime.makeUnsafe("1999-01-01T00:00:00Z")
        const at = (minutes: number) => DateTime.add(now, { minutes })
        const [one, two, three] = [somePurchase(), somePurchase(), somePurchase()]
        yield* watch(two, at(-1))
        yield* watch(one, at(10))
        yield* watch(one, at(-2))
        yield* watch(one, at(20))
        yield* watch(three, at(1))
        const due = { now, until: at(5), limit: 1 }
        assert.deepStrictEqual(yield* claim(due), [one])
        assert.deepStrictEqual(yield* claim({ ...due, limit: 10 }), [two])
        assert.deepStrictEqual(yield* claim({ ...due, limit: 10 }), [])
        yield* forget(two)
        yield* schedule(two, at(-1))
        yield* schedule(three, at(-1))
        assert.deepStrictEqual(yield* claim({ ...due, limit: 10 }), [three])
        assert.deepStrictEqual(yield* claim({ ...due, now: at(5), until: at(9), limit: 1 }), [one])
        for (const purchaseId of [one, three]) yield* forget(purchaseId)
        const claims = Array.makeBy(10, () => somePurchase())
        for (const purchaseId of claims) yield* watch(purchaseId, at(-1))
        const claimed = yield* Effect.all(Array.makeBy(10, () => claim({ ...due, limit: 3 })), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(claimed.flat().toSorted(), claims.toSorted())
      }))
  })
