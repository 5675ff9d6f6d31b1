import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database, PgOnchain } from "@dchat/adapters/postgres"
import { ChainLedger, type PageCommit, type ScanLease } from "@dchat/domain/onchain"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it, layer } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { leased, observed, pageOf, someTransfer } from "../../../../domain/src/contracts/support/chainSteps.ts"
import { someAddress } from "../../../../domain/src/contracts/support/identityFixtures.ts"
import { temporaryFolder } from "../../support/temporaryFolder.ts"
import { backends } from "../../support/TestDatabase.ts"

/** A page of three transfers on a chain, of which the second is stored already. */
const prepare = Effect.gen(function*() {
  const { commit } = yield* ChainLedger
  const lease = yield* leased
  const [before, known, after] = [1, 2, 3].map((number) => observed(someTransfer(lease.chainId), number, "settled"))
  const all = [before, known, after].flatMap((it) => it ?? [])
  yield* commit(lease, pageOf(known === undefined ? [] : [known], { track: "tip" }))
  const page = pageOf(all, { tokens: [{ contract: someAddress(), tokenId: 1n, owner: someAddress() }], ignored: 7 })
  return { lease, page, locked: known?.moved.transfer.externalId ?? "" }
})

const storedOf = Effect.fnUntraced(function*({ chainId }: ScanLease, { tokens: [token] }: PageCommit) {
  const { status, token: tokenOf, track, transfersIn } = yield* ChainLedger
  const found = yield* transfersIn(chainId, { from: 0, to: 10 })
  return {
    track: yield* track(chainId, "settled"),
    revisions: found.map(({ moved, revision }) => [moved.block.number, revision]),
    token: token && (yield* tokenOf(chainId, token.contract, token.tokenId)),
    ignored: (yield* status).find((it) => it.chainId === chainId)?.ignored
  }
})

const nothing = { track: { anchors: [] }, revisions: [[2, 1]], token: undefined, ignored: 0 }

const everything = ({ ignored, state, tokens: [token] }: PageCommit) => ({
  track: state,
  revisions: [[1, 1], [2, 2], [3, 1]],
  token,
  ignored
})

/** Begins to store a page, and calls `kill` with the process of the server that waits in the middle of the statement. */
const killedCommit = Effect.fnUntraced(function*<E, R>(
  { lease, locked, page }: Effect.Success<typeof prepare>,
  kill: (pid: number) => Effect.Effect<unknown, E, R>
) {
  const { commit } = yield* ChainLedger
  const sql = yield* SqlClient.SqlClient
  const [isLocked, isKilled] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const lock = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT FROM chain_transfers WHERE external_id = ${locked} FOR UPDATE`
    yield* Deferred.succeed(isLocked, undefined)
    yield* Deferred.await(isKilled)
  })))
  yield* Deferred.await(isLocked)
  const committing = yield* Effect.forkChild(Effect.exit(commit(lease, page)))
  const waiting = sql<{ readonly pid: number }>`SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO chain_transfers%'`
  const [row] = yield* Effect.repeat(waiting, { until: (rows) => rows.length > 0 })
  yield* kill(row?.pid ?? 0)
  const outcome = yield* Fiber.join(committing)
  yield* Deferred.succeed(isKilled, undefined)
  yield* Effect.exit(Fiber.join(lock))
  return outcome
})

for (const { layer: database, name } of backends) {
  layer(PgOnchain.layer.pipe(Layer.provideMerge(database)), { excludeTestServices: true })(
    `A page of a chain on ${name}`,
    (it) => {
      it.effect("is stored as a whole or not at all when its connection dies in the middle", () =>
        Effect.gen(function*() {
          const { commit } = yield* ChainLedger
          const sql = yield* SqlClient.SqlClient
          const prepared = yield* prepare
          const { lease, page } = prepared
          const outcome = yield* killedCommit(prepared, (pid) => sql`SELECT pg_terminate_backend(${pid})`)
          assert.isTrue(Exit.isFailure(outcome))
          assert.deepStrictEqual(yield* storedOf(lease, page), nothing)
          assert.isTrue(yield* commit(lease, page))
          assert.deepStrictEqual(yield* storedOf(lease, page), everything(page))
        }))

      it.effect("makes a host that takes the lease meanwhile wait, and is stored before", () =>
        Effect.gen(function*() {
          const { commit, lease: take } = yield* ChainLedger
          const sql = yield* SqlClient.SqlClient
          const { lease, locked, page } = yield* prepare
          yield* sql`UPDATE chain_scans SET leased_until = clock_timestamp() WHERE chain_id = ${lease.chainId}`
          const [isLocked, mayGo] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
          const lock = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
            yield* sql`SELECT FROM chain_transfers WHERE external_id = ${locked} FOR UPDATE`
            yield* Deferred.succeed(isLocked, undefined)
            yield* Deferred.await(mayGo)
          })))
          yield* Deferred.await(isLocked)
          const waitFor = (text: string) =>
            Effect.repeat(
              sql`SELECT pid FROM pg_stat_activity
                  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE ${`%${text}%`}`,
              { until: (rows) => rows.length > 0 }
            )
          const committing = yield* Effect.forkChild(commit(lease, page))
          yield* waitFor("INSERT INTO chain_transfers")
          const taking = yield* Effect.forkChild(take(lease.chainId, "another host", 60))
          yield* waitFor("INSERT INTO chain_scans")
          yield* Deferred.succeed(mayGo, undefined)
          yield* Fiber.join(lock)
          assert.isTrue(yield* Fiber.join(committing))
          const taken = (yield* Fiber.join(taking)) ?? assert.fail("no lease")
          assert.isAbove(taken.token, lease.token)
          assert.deepStrictEqual(yield* storedOf(lease, page), everything(page))
          assert.isFalse(yield* commit(lease, page))
        }))
    }
  )
}

describe("A page of a chain", () => {
  it.live(
    "is stored as a whole or not at all when the process of the server is killed in the middle",
    () =>
      Effect.gen(function*() {
        const server = yield* EmbeddedPostgres.start({ directory: yield* temporaryFolder("dchat-ledger-") })
        const clients = Database.migrated(PgClient.layer(EmbeddedPostgres.clientConfig(server)))
        yield* Effect.gen(function*() {
          const { commit } = yield* ChainLedger
          const sql = yield* SqlClient.SqlClient
          const prepared = yield* prepare
          const { lease, page } = prepared
          const outcome = yield* killedCommit(prepared, (pid) => Effect.sync(() => process.kill(pid, "SIGKILL")))
          assert.isTrue(Exit.isFailure(outcome))
          // The server ends all of its processes, and recovers from its log.
          yield* Effect.retry(sql`SELECT 1`, { schedule: Schedule.spaced("20 millis") })
          assert.deepStrictEqual(yield* storedOf(lease, page), nothing)
          assert.isTrue(yield* commit(lease, page))
          assert.deepStrictEqual(yield* storedOf(lease, page), everything(page))
        }).pipe(Effect.provide(PgOnchain.layer.pipe(Layer.provideMerge(clients), Layer.fresh)))
      }).pipe(Effect.scoped),
    60_000
  )
})
