import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration, Tier } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const older = "a service key of the tests, the older one"
const key = "a service key of the tests, which is long"
const serviceKeys = [older, key].map((text) => Redacted.make(text))

const count = (body: object, authorization: string | undefined = `Bearer ${key}`) =>
  Effect.flatMap(TestHost, ({ send }) =>
    send("POST", "/api/subscriptions/usage", {
      body,
      ...(authorization !== undefined && { headers: { authorization } })
    }))

const storageOf = (person: SomeBody) =>
  Effect.map(
    person.get("/api/subscriptions/entitlements"),
    ({ json }) => json.usage.find(({ feature }: { readonly feature: string }) => feature === "storageBytes")
  )

const gibibyte = 1024 ** 3

layer(memoryHost({ serviceKeys }), { excludeTestServices: true })("Usage over HTTP", (it) => {
  it.effect("is counted for services, up to the limit of the plan", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const some = { userId: ann.id, feature: "storageBytes", amount: 4 * gibibyte, key: "one" }
      assert.deepStrictEqual((yield* count(some)).json, {
        feature: "storageBytes",
        kind: "level",
        limit: 5 * gibibyte,
        used: 4 * gibibyte
      })
      assert.strictEqual((yield* count(some)).json.used, 4 * gibibyte)
      const other = yield* count({ ...some, amount: 1 })
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      const full = yield* count({ ...some, key: "two" })
      assert.deepStrictEqual([full.status, full.json.code, full.json.used], [409, "usage_limit_reached", 4 * gibibyte])

      const administration = yield* SubscriptionAdministration
      const grant = yield* administration.grant(UserId.make(ann.id), { tier: Tier.make("PRO") }, {
        actor: "ops",
        reason: "a test"
      })
      assert.strictEqual((yield* count({ ...some, key: "two" }, `bearer ${older}`)).json.used, 8 * gibibyte)
      yield* administration.revokeGrant(UserId.make(ann.id), grant.id, { actor: "ops", reason: "a test" })
      assert.deepInclude(yield* storageOf(ann), { used: 8 * gibibyte, limit: 5 * gibibyte })
      assert.strictEqual((yield* count({ ...some, amount: 1, key: "three" })).status, 409)
      const release = { ...some, amount: 6 * gibibyte, key: "four", action: "release" }
      assert.strictEqual((yield* count(release)).json.used, 2 * gibibyte)
      assert.strictEqual((yield* count({ ...some, amount: gibibyte, key: "five", action: "set" })).json.used, gibibyte)
      assert.strictEqual((yield* storageOf(ann)).used, gibibyte)
    }))

  it.effect("is set to the last observed level, also to a lower one above the limit", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const held = (amount: number, key: string, more: object = {}) =>
        count({ userId: ann.id, feature: "storageBytes", action: "set", amount: amount * gibibyte, key, ...more })
      const usedOf = ({ json }: { readonly json: { readonly used: number } }) => json.used / gibibyte
      const administration = yield* SubscriptionAdministration
      const by = { actor: "ops", reason: "a test" }
      const grant = yield* administration.grant(UserId.make(ann.id), { tier: Tier.make("PRO") }, by)
      const minute = (number: number) => ({ observedAt: `2026-11-01T10:0${number}:00Z` })
      assert.strictEqual(usedOf(yield* held(20, "first", minute(1))), 20)
      yield* administration.revokeGrant(UserId.make(ann.id), grant.id, by)
      const more = yield* held(21, "more", minute(2))
      assert.deepStrictEqual([more.status, more.json.code], [409, "usage_limit_reached"])
      assert.strictEqual(usedOf(yield* held(19, "less", minute(3))), 19)
      assert.strictEqual(usedOf(yield* held(20, "first", minute(1))), 19)
      assert.strictEqual(usedOf(yield* held(2, "late", minute(2))), 19)
      const other = yield* held(3, "less", minute(4))
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      // A clock that is ahead delays no user.
      assert.strictEqual(usedOf(yield* held(4, "ahead", { observedAt: "2999-01-01T00:00:00Z" })), 4)
      assert.strictEqual(usedOf(yield* held(1, "now")), 1)
    }))

  it.effect("is counted up to the greatest exact number if the plan has no limit", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const administration = yield* SubscriptionAdministration
      yield* administration.grant(UserId.make(ann.id), { tier: Tier.make("ENTERPRISE") }, {
        actor: "ops",
        reason: "a test"
      })
      const most = Number.MAX_SAFE_INTEGER
      const stickers = (amount: number, key: string, more: object = {}) =>
        count({ userId: ann.id, feature: "customStickers", amount, key, ...more })
      assert.strictEqual((yield* stickers(most, "all")).json.used, most)
      for (const amount of [1, most]) {
        const more = yield* stickers(amount, "more")
        assert.deepStrictEqual([more.status, more.json.code], [409, "usage_limit_reached"])
        assert.deepInclude(more.json, { used: most, limit: most })
      }
      assert.strictEqual((yield* ann.get("/api/subscriptions/entitlements")).status, 200)
      assert.strictEqual((yield* stickers(most + 2, "set", { action: "set" })).status, 400)
      assert.strictEqual((yield* stickers(most, "back", { action: "release" })).json.used, 0)
    }))

  it.effect("is counted for existing users only", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      yield* send("DELETE", "/auth/me", { token: bob.token })
      const unknown = "01890000-0000-7000-8000-000000000000"
      for (const userId of [unknown, bob.id]) {
        for (const action of ["consume", "set", "release"]) {
          const { json, status } = yield* count({ userId, feature: "storageBytes", amount: 1, key: action, action })
          assert.deepStrictEqual([status, json.code], [404, "user_not_found"], `${action} ${userId}`)
        }
      }
      const some = { feature: "storageBytes", amount: 1, key: "one" }
      assert.strictEqual((yield* count({ ...some, userId: ann.id })).json.used, 1)
    }))

  it.effect("can be counted by authorised services only", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const some = { userId: ann.id, feature: "storageBytes", amount: 1, key: "one" }
      for (const authorization of ["", `Bearer ${ann.token}`, `Bearer ${key}x`, `Basic ${key}`, "Bearer "]) {
        const { json, status } = yield* count(some, authorization)
        assert.deepStrictEqual([status, json.code], [401, "service_key_required"], authorization)
      }
      const unknown = yield* count({ ...some, feature: "nonsense" })
      assert.deepStrictEqual([unknown.status, unknown.json.code], [404, "feature_not_found"])
      for (const wrong of [{ amount: -1 }, { amount: 0.5 }, { key: "" }, { userId: "x" }]) {
        assert.strictEqual((yield* count({ ...some, ...wrong })).status, 400)
      }
    }))
})
