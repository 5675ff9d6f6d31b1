/**
 * One round of the benchmarks of subscriptions in a process of its own: `main.ts FOLDER USERS WEBHOOKS`. The figures go to
 * the process that started this one.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { fill } from "./accounts.ts"
import { expiring } from "./expiring.ts"
import { reading } from "./reading.ts"
import { servicesIn } from "./services.ts"
import { webhooks } from "./webhooks.ts"

const [folder = "", ...counts] = process.argv.slice(2)
const [users = 0, received = 0] = counts.map(Number)

/** Users of a small installation. */
const few = Math.min(1000, users / 2)

const program = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* fill(0, few)
  yield* reading(few)
  const amongFew = yield* reading(few)
  yield* fill(few, users)
  yield* sql`ANALYZE`
  yield* reading(users)
  const amongMany = yield* reading(users)
  const expired = yield* expiring
  return { amongFew, amongMany, expired, webhooks: yield* webhooks(received) }
})

export type SubscriptionFigures = Effect.Success<typeof program>

process.send?.(await Effect.runPromise(program.pipe(Effect.provide(servicesIn(folder)), Effect.scoped)))
process.disconnect?.()
