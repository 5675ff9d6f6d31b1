import { PgOnchain } from "@dchat/adapters/postgres"
import { ChainLedger } from "@dchat/domain/onchain"
import { PgClient } from "@effect/sql-pg"
import { assert, layer } from "@effect/vitest"
import { Array, Context, Effect, Exit, Layer } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import {
  judged,
  leased,
  observed,
  pageOf,
  someChain,
  someTransfer,
  unmatched
} from "../../../../domain/src/contracts/support/chainSteps.ts"
import { someUserId } from "../../../../domain/src/contracts/support/identityFixtures.ts"
import { logged } from "../../support/logged.ts"
import { backends } from "../../support/TestDatabase.ts"

/** The ledger of another host: with connections of its own to the same database. */
const ledgerOfOtherHost = Effect.gen(function*() {
  const { config } = yield* PgClient.PgClient
  const client = PgClient.layer({ ...config, maxConnections: 5 })
  return Context.get(yield* Layer.build(Layer.fresh(PgOnchain.layer.pipe(Layer.provide(client)))), ChainLedger)
}).pipe(Effect.provide(Reactivity.layer))

for (const { layer: database, name } of backends) {
  layer(PgOnchain.layer.pipe(Layer.provideMerge(database)), { excludeTestServices: true })(
    `PgChainLedger on ${name}`,
    (it) => {
      it.effect("never reserves more than the budget when two hosts ask at the same time", () =>
        Effect.gen(function*() {
          const ledgers = [yield* ledgerOfOtherHost, yield* ledgerOfOtherHost]
          const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })
          const budget = { installation: usd(130n), user: usd(70n) }
          const users = [someUserId(), someUserId()]
          const wishes = Array.makeBy(50, (index) => ({
            externalId: someTransfer(someChain()).externalId,
            userId: users[index % 2] ?? someUserId(),
            value: usd(10n)
          }))
          const reserved = yield* Effect.forEach(
            wishes,
            (wish, index) => (ledgers[Math.floor(index / 2) % 2] ?? assert.fail("no ledger")).expose(wish, budget),
            { concurrency: "unbounded" }
          )
          const counts = users.map((user) =>
            wishes.filter(({ userId }, index) => reserved[index] === true && userId === user).length
          )
          assert.deepStrictEqual(counts.toSorted(), [6, 7])
        }).pipe(Effect.scoped))

      it.effect("leaves out transfers that cannot be read, and makes no page shorter", () =>
        Effect.gen(function*() {
          const ledger = yield* ChainLedger
          const sql = yield* SqlClient.SqlClient
          const lease = yield* leased
          const { chainId } = lease
          const all = Array.range(1, 6).map((number) => observed(someTransfer(chainId), number, "settled"))
          const ids = all.map(({ moved }) => moved.transfer.externalId)
          yield* ledger.commit(lease, pageOf(all))
          const damaged = ids.slice(0, 3)
          const whole = ids.slice(3)
          yield* sql`UPDATE chain_transfers SET moved = '{"_tag": "OfTomorrow"}' WHERE external_id = ${ids[0] ?? ""}`
          yield* sql`UPDATE chain_transfers SET moved = '{}' WHERE external_id = ${ids[1] ?? ""}`
          yield* sql`UPDATE chain_transfers SET verdict = '{"_tag": "OfTomorrow"}' WHERE external_id = ${ids[2] ?? ""}`
          const idsOf = (found: Effect.Success<ReturnType<typeof ledger.untold>>) =>
            found.map(({ moved }) => moved.transfer.externalId)
          const errors = yield* logged(Effect.gen(function*() {
            assert.deepStrictEqual(idsOf(yield* ledger.untold(chainId, undefined, 2)), whole.slice(0, 2))
            assert.deepStrictEqual(idsOf(yield* ledger.unsettledBelow(chainId, 10, 2)), whole.slice(0, 2))
            assert.deepStrictEqual(idsOf(yield* ledger.transfersIn(chainId, { from: 0, to: 10 })), whole)
            assert.isUndefined(yield* ledger.transfer(damaged[0] ?? assert.fail("no id")))
            for (const id of whole) yield* judged(id, unmatched)
            yield* sql`UPDATE chain_transfers SET verdict = '{"_tag": "Unmatched", "reason": "of tomorrow"}', seen_at = now()
              WHERE external_id = ${damaged[2] ?? ""}`
            assert.sameMembers(idsOf(yield* ledger.inbox({ chainId, limit: 3 })), whole)
          }))
          assert.lengthOf(errors, 3)
          for (const [index, id] of damaged.entries()) assert.include(errors[index], `transfer ${id}`)
        }))

      it.effect("reads no chain whose track cannot be read, and every other chain", () =>
        Effect.gen(function*() {
          const ledger = yield* ChainLedger
          const sql = yield* SqlClient.SqlClient
          const [damaged, whole] = [yield* leased, yield* leased]
          const page = pageOf([])
          for (const lease of [damaged, whole]) yield* ledger.commit(lease, page)
          yield* sql`UPDATE chain_tracks SET track = '{}' WHERE chain_id = ${damaged.chainId}`
          assert.isTrue(Exit.isFailure(yield* Effect.exit(ledger.track(damaged.chainId, "settled"))))
          assert.deepStrictEqual(yield* ledger.track(whole.chainId, "settled"), page.state)
          const states = (yield* ledger.status).filter(({ chainId }) =>
            chainId === damaged.chainId || chainId === whole.chainId
          )
          assert.deepStrictEqual(states.map(({ settledTo }) => settledTo), [100, 100])
        }))
    }
  )
}
