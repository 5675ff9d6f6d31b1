/**
 * S2: webhooks that are checked and kept, beside inserts of the same rows.
 */
import { Webhooks } from "@dchat/domain/billing"
import { signed } from "@dchat/doubles/stripe"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { timed } from "./timed.ts"

export const webhookSecret = "whsec_of_the_benchmark"

const concurrency = 64

/** As much as dchat keeps of an event. */
const concern = JSON.stringify({ customerId: "cus_of_the_benchmark", subscriptionId: "sub_of_the_benchmark" })

const events = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify(
      {
        id: `evt_${name}_${index}`,
        object: "event",
        type: "invoice.paid",
        created: 0,
        data: {
          object: {
            object: "invoice",
            id: `in_${index}`,
            lines: { data: Array.from({ length: 4 }, () => "x".repeat(400)) }
          }
        }
      },
      null,
      2
    ))

export const webhooks = Effect.fnUntraced(function*(count: number) {
  const sql = yield* SqlClient.SqlClient
  const { receive } = yield* Webhooks
  const now = yield* DateTime.now
  const bodies = events(count, "kept").map((body) => ({
    body: new TextEncoder().encode(body),
    signature: signed(body, webhookSecret, Math.floor(now.epochMilliseconds / 1000))
  }))
  const insert = (_: unknown, index: number) =>
    sql`INSERT INTO webhook_events (external_id, type, concern, received_at)
        VALUES (${`raw_${index}`}, 'invoice.paid', ${concern}::jsonb, now())`
  const raw = yield* timed(Effect.forEach(bodies, insert, { concurrency, discard: true }))
  const kept = yield* timed(
    Effect.forEach(bodies, ({ body, signature }) => receive(body, signature), { concurrency, discard: true })
  )
  return { raw: count / raw.seconds, kept: count / kept.seconds }
})
