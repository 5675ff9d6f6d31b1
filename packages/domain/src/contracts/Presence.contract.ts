import { assert, layer } from "@effect/vitest"
import { Effect, Exit, type Layer, Scope } from "effect"
import { Presence } from "../identity/index.ts"
import { someUserId } from "./support/identityFixtures.ts"

/** The contract of `Presence`, for every implementation. */
export const presenceContract = <E>(name: string, subject: Layer.Layer<Presence, E>) =>
  layer(subject)(name, (it) => {
    it.effect("reports a user as online while a connection of any device of the user is open", () =>
      Effect.gen(function*() {
        const presence = yield* Presence
        const ann = someUserId()
        const connect = Effect.fnUntraced(function*(device: string) {
          const scope = yield* Scope.make()
          yield* presence.connect(ann, device).pipe(Scope.provide(scope))
          return { close: Scope.close(scope, Exit.void) }
        })
        const isOnline = Effect.map(presence.online([ann]), (online) => online.has(ann))

        assert.isFalse(yield* isOnline)
        const phone = yield* connect("phone")
        const tab = yield* connect("laptop")
        const otherTab = yield* connect("laptop")
        yield* phone.close
        yield* tab.close
        assert.isTrue(yield* isOnline)
        yield* otherTab.close
        assert.isFalse(yield* isOnline)
      }))

    it.effect("reports only on the requested users", () =>
      Effect.gen(function*() {
        const presence = yield* Presence
        const [ann, bob, cat] = [someUserId(), someUserId(), someUserId()]
        yield* Effect.scoped(Effect.gen(function*() {
          yield* presence.connect(ann, "phone")
          yield* presence.connect(bob, "phone")
          assert.deepStrictEqual(yield* presence.online([ann, cat]), new Set([ann]))
          assert.deepStrictEqual(yield* presence.online([]), new Set())
        }))
      }))
  })
