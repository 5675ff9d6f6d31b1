/**
 * Places a call between two users within one process: the rules of calls, embedded in an application, without a server.
 */
import { Cryptography } from "@dchat/adapters/crypto"
import { MemoryCalls } from "@dchat/adapters/memory"
import {
  type Actor,
  CallBus,
  CallClock,
  CallDirectory,
  CallEntitlement,
  CallPolicy,
  Calls,
  DeviceId,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Console, Effect, Layer, Queue } from "effect"

const ann: Actor = { userId: UserId.make("01900000-0000-7000-8000-00000000000a"), device: DeviceId.make("laptop") }
const bob: Actor = { userId: UserId.make("01900000-0000-7000-8000-00000000000b"), device: DeviceId.make("phone") }

// The ports: the storage of calls, the users who can be called, the policy of calls and ringing, and the limits of a
// call.
const Ports = Layer.mergeAll(
  MemoryCalls.layer,
  Layer.succeed(CallDirectory, {
    known: (users) => Effect.succeed(new Set(users)),
    aliases: (user) => Effect.succeed([user])
  }),
  CallPolicy.layerOpen,
  RingLimit.layerUnlimited,
  CallEntitlement.layerUnlimited,
  Cryptography
)

// The services over the ports, and the clock that ends unanswered calls.
const Application = CallClock.layerSweeping.pipe(
  Layer.provideMerge(layerCallServices),
  Layer.provideMerge(Ports)
)

const program = Effect.gen(function*() {
  const calls = yield* Calls
  const notices = yield* (yield* CallBus).subscribe(bob.userId)

  const { call } = yield* calls.initiate(ann, { type: "audio", participants: [bob.userId] })
  yield* calls.execute(bob, call.id, { _tag: "Alert" })
  yield* calls.execute(bob, call.id, { _tag: "Accept" })
  const ended = yield* calls.execute(ann, call.id, { _tag: "Leave" })

  for (const { records } of yield* Queue.takeAll(notices)) {
    for (const { event, seq } of records) yield* Console.log(seq, event._tag)
  }
  yield* Console.log(ended.phase, ended.endReason)
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Application)))
