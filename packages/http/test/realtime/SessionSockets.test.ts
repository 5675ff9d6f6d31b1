import { MemoryIdentityBus, MemorySubscriptionBus } from "@dchat/adapters/memory"
import { IdentityBus, SessionId, Sessions, UserId } from "@dchat/domain/identity"
import { Loops } from "@dchat/domain/loop"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Queue } from "effect"
import { SecureRandom } from "effect/crypto"
import { SessionSockets, type WatchedSocket } from "../../src/realtime/SessionSockets.ts"

const idle = Layer.mock(Sessions, {
  outdated: () => Effect.succeed([]),
  keepAlive: () => Effect.succeed([])
})

const sockets = SessionSockets.layer.pipe(
  Layer.provideMerge([MemoryIdentityBus.layer, MemorySubscriptionBus.layer, Loops.layer, idle])
)

const user = UserId.make(SecureRandom.uuidV7Unsafe())

const socket = (told: Partial<WatchedSocket>): WatchedSocket => ({
  session: SessionId.make(SecureRandom.uuidV7Unsafe()),
  generation: 0,
  user,
  close: Effect.void,
  replaced: Effect.void,
  identityChanged: Effect.void,
  subscriptionChanged: Effect.void,
  ...told
})

describe("The connections of a user", () => {
  it.effect("are notified even if one of them fails and another one never ends", () =>
    Effect.gen(function*() {
      const { watch } = yield* SessionSockets
      const { publish } = yield* IdentityBus
      const told = yield* Queue.unbounded<string>()
      yield* watch(socket({ identityChanged: Effect.die(new Error("the database is away")) }))
      yield* watch(socket({ identityChanged: Effect.never }))
      const third = socket({
        identityChanged: Queue.offer(told, "changed").pipe(Effect.asVoid),
        close: Queue.offer(told, "closed").pipe(Effect.asVoid)
      })
      yield* watch(third)
      yield* publish({ _tag: "IdentityChanged", userId: user })
      assert.strictEqual(yield* Queue.take(told), "changed")
      yield* publish({ _tag: "SessionsEnded", sessions: [third.session] })
      assert.strictEqual(yield* Queue.take(told), "closed")
    }).pipe(Effect.scoped, Effect.provide(sockets)))
})
