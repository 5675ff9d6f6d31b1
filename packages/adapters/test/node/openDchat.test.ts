import { type Dchat, openDchat } from "@dchat/adapters/node"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dirname } from "node:path"
import * as TestDatabase from "../support/TestDatabase.ts"

const ann = { userId: "01900000-0000-7000-8000-00000000000a", device: "laptop" }
const bob = { userId: "01900000-0000-7000-8000-00000000000b", device: "phone" }

const rejection = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "resolved", (error: { readonly _tag?: string }) => error._tag ?? String(error))

const opened = (database: string) =>
  Effect.acquireRelease(Effect.promise(() => openDchat({ database })), (dchat) => Effect.promise(() => dchat.close()))

const callsAndEntitles = async (dchat: Dchat) => {
  const steps = await dchat.events.calls(bob.userId)
  const { call, created } = await dchat.calls.initiate(ann, { type: "audio", participants: [bob.userId] }, {
    idempotencyKey: "one"
  })
  assert.isTrue(created)
  const again = await dchat.calls.initiate(ann, { type: "audio", participants: [bob.userId] }, {
    idempotencyKey: "one"
  })
  assert.deepStrictEqual([again.call.id, again.created], [call.id, false])
  const accepted = await dchat.calls.execute(bob, call.id, { _tag: "Accept" })
  assert.deepStrictEqual((await dchat.calls.open(ann.userId)).map(({ id }) => id), [accepted.id])
  assert.strictEqual((await dchat.calls.end(call.id)).phase, "disconnected")
  assert.deepStrictEqual((await dchat.calls.history(bob.userId)).map(({ id }) => id), [call.id])

  const seen: Array<string> = []
  for await (const { call: { phase }, records } of steps) {
    seen.push(...records.map(({ event }) => event._tag))
    if (phase === "disconnected") break
  }
  assert.deepStrictEqual(seen, ["CallInitiated", "Invited", "Accepted", "CallEnded"])
  assert.strictEqual((await dchat.entitlements.of(ann.userId)).plan.tier, "FREE")
}

describe("openDchat", () => {
  it.live("gives the services in memory as promises", () =>
    Effect.gen(function*() {
      const dchat = yield* opened("memory")
      yield* Effect.promise(() => callsAndEntitles(dchat))
    }))

  it.live("keeps the data in a database after it was closed", () =>
    Effect.gen(function*() {
      const { config } = yield* PgClient.PgClient
      const url = `postgres:///${config.database}?host=${
        encodeURIComponent(dirname(config.path ?? ""))
      }&user=${config.username}`
      yield* Effect.scoped(Effect.flatMap(opened(url), (dchat) => Effect.promise(() => callsAndEntitles(dchat))))
      const dchat = yield* opened(url)
      assert.strictEqual((yield* Effect.promise(() => dchat.calls.history(ann.userId))).length, 1)
    }).pipe(Effect.provide(TestDatabase.layer)))

  it.live("rejects with the refusal of the service, and validates its arguments", () =>
    Effect.gen(function*() {
      const dchat = yield* opened("memory")
      const { calls, subscriptions } = dchat
      const refusals = yield* Effect.promise(() =>
        Promise.all([
          rejection(calls.get(ann, "01900000-0000-7000-8000-0000000000ff")),
          rejection(calls.get(ann, "no id")),
          rejection(calls.initiate({ userId: "ann" }, { type: "audio", participants: [bob.userId] })),
          rejection(subscriptions.create(ann.userId, { tier: "PRO", period: "monthly", method: "stripe" })),
          rejection(subscriptions.create(ann.userId, { tier: "GOLD", period: "monthly", method: "stripe" })),
          rejection(subscriptions.receiveStripeEvent(new Uint8Array(), "t=1")),
          rejection(dchat.identities.get(ann.userId))
        ])
      )
      assert.deepStrictEqual(refusals, [
        "CallNotFound",
        "SchemaError",
        "SchemaError",
        "StripeNotConfigured",
        "PlanUnknown",
        "StripeNotConfigured",
        "UserNotFound"
      ])
    }))

  it.live("ends the loops over its events when it is closed, once", () =>
    Effect.gen(function*() {
      const dchat = yield* Effect.promise(() => openDchat({ database: "memory" }))
      const changes = yield* Effect.promise(() => dchat.events.subscriptions())
      const loop = (async () => {
        for await (const change of changes) assert.fail(JSON.stringify(change))
        return "ended"
      })()
      yield* Effect.promise(() => Promise.all([dchat.close(), dchat.close()]))
      assert.strictEqual(yield* Effect.promise(() => loop), "ended")
    }))

  it.live("reports in one error why it cannot start", () =>
    Effect.gen(function*() {
      const refused = yield* Effect.promise(() =>
        rejection(openDchat({ database: "postgres://nobody@127.0.0.1:1/nothing" }))
      )
      assert.strictEqual(refused, "DatabaseUnreachable")
    }))
})
