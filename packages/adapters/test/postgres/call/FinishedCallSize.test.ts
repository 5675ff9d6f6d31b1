import { PgCalls } from "@dchat/adapters/postgres"
import {
  type Call,
  type CallAppend,
  type CallCommand,
  CallRepository,
  DeviceId,
  FinishedCalls
} from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { createHash, randomUUID } from "node:crypto"
import { initiate, someone, step } from "../../../../domain/src/contracts/support/callSteps.ts"
import { backends } from "../../support/TestDatabase.ts"

/** The most bytes that a finished one-to-one call may leave, with its indexes. */
const most = 2048

const callsInRound = 100

const digest = () => createHash("sha256").update(randomUUID()).digest("base64url")

const device = () => DeviceId.make(randomUUID())

/** Several commands as one step, as the engine stores them. */
const together = (before: Call, commands: ReadonlyArray<CallCommand>, begin: DateTime.Utc): CallAppend => {
  const steps: Array<CallAppend> = []
  for (const [index, command] of commands.entries()) {
    const at = DateTime.add(begin, { milliseconds: 137 * (index + 1) })
    steps.push(step(steps.at(-1)?.call ?? before, command, { at }))
  }
  const last = steps.at(-1) ?? assert.fail("no command")
  return {
    before,
    call: last.call,
    records: steps.flatMap(({ records }) => records) as unknown as CallAppend["records"],
    signals: steps.flatMap(({ signals }) => signals)
  }
}

/** A call as browsers make it: ringing, one negotiation, sixteen candidates, two changes of media, hanging up. */
const realistic = (at: DateTime.Utc): ReadonlyArray<CallAppend> => {
  const [ann, bob] = [someone(), someone()]
  const placed = initiate(ann, [bob], { at, type: "video" })
  const candidates = Array.range(1, 8).flatMap((): ReadonlyArray<CallCommand> => [
    { _tag: "Candidates", by: ann, digests: [digest()] },
    { _tag: "Candidates", by: bob, digests: [digest()] }
  ])
  const talking = together(placed.call, [
    { _tag: "Alert", by: bob },
    { _tag: "Offer", by: ann, digest: digest() },
    { _tag: "Accept", by: bob, device: device(), reportsMedia: true },
    { _tag: "Answer", by: bob, digest: digest() },
    ...candidates,
    { _tag: "ReportLink", by: ann, with: bob, state: "up" },
    { _tag: "ChangeMedia", by: ann, changes: { audio: true, video: true } },
    { _tag: "ChangeMedia", by: bob, changes: { audio: true, video: true } }
  ], at)
  return [placed, talking, step(talking.call, { _tag: "Leave", by: ann }, { at: DateTime.add(at, { minutes: 3 }) })]
}

for (const { layer: database, name } of backends) {
  layer(Layer.provideMerge(PgCalls.layer, database), { excludeTestServices: true })(
    `A finished one-to-one call on ${name}`,
    (it) => {
      it.effect(`leaves at most ${most} bytes, with its indexes`, () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const { append } = yield* CallRepository
          const { move } = yield* FinishedCalls
          const now = yield* DateTime.now

          const round = Effect.gen(function*() {
            const calls = Array.makeBy(callsInRound, (index) => realistic(DateTime.add(now, { milliseconds: index })))
            for (const index of [0, 1, 2]) {
              const steps = calls.flatMap((each) => each[index] ?? [])
              for (const some of Array.chunksOf(steps, 50)) {
                for (const outcome of yield* append(some as unknown as Array.NonEmptyArray<CallAppend>)) yield* outcome
              }
            }
            const moved = yield* move(DateTime.add(now, { hours: 1 }), 1000)
            assert.strictEqual(moved, callsInRound)
            yield* sql`VACUUM`
          })
          const sizes = Effect.map(
            sql<{ readonly relation: string; readonly bytes: number }>`
              SELECT relname AS relation, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
              WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace`,
            (rows) => new Map(rows.map(({ bytes, relation }) => [relation, bytes]))
          )

          // The first rounds give the tables of open calls the space that all later rounds use again.
          yield* Effect.repeat(round, { times: 2 })
          const before = yield* sizes
          const rounds = 5
          yield* Effect.repeat(round, { times: rounds - 1 })
          const after = yield* sizes
          const grown = [...after].map(([relation, bytes]) =>
            [relation, (bytes - (before.get(relation) ?? 0)) / (rounds * callsInRound)] as const
          )
          const total = grown.reduce((sum, [, bytes]) => sum + bytes, 0)
          assert.isAbove(total, 0)
          assert.isAtMost(total, most, JSON.stringify(grown.filter(([, bytes]) => bytes !== 0)))
        }), 120_000)
    }
  )
}
