import { assert, layer } from "@effect/vitest"
import { Array, Effect, Exit, type Layer, Option, Queue, Scope } from "effect"
import { CallBus, type CallNotice } from "../call/index.ts"
import type { UserId } from "../identity/index.ts"
import { initiate, someone, step } from "./support/callSteps.ts"

const noticeOf = ({ call, records, signals }: CallNotice): CallNotice => ({ call, records, signals })

/** A call that rings, and the notice of its first event. */
const placed = (by: UserId, ...callees: Array.NonEmptyReadonlyArray<UserId>) => noticeOf(initiate(by, callees))

const drain = (notices: Queue.Dequeue<CallNotice>) =>
  Effect.gen(function*() {
    const taken: globalThis.Array<CallNotice> = []
    for (let next = yield* Queue.poll(notices); Option.isSome(next); next = yield* Queue.poll(notices)) {
      taken.push(next.value)
    }
    return taken
  })

/**
 * The contract of `CallBus`, for every implementation. A published notice reaches a listener before `publish` returns,
 * or `delivered` waits until the notice has arrived.
 */
export const callBusContract = <E>(
  name: string,
  subject: Layer.Layer<CallBus, E>,
  delivered: Effect.Effect<void> = Effect.void
) =>
  layer(subject)(name, (it) => {
    it.effect("tells every listener of each user in the audience once, and no other listener", () =>
      Effect.gen(function*() {
        const bus = yield* CallBus
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const listeners = yield* Effect.forEach([ann, bob, bob, cat], bus.subscribe)
        const notice = placed(ann, bob)
        yield* bus.publish(notice)
        yield* delivered
        assert.deepStrictEqual(yield* Effect.forEach(listeners, drain), [[notice], [notice], [notice], []])
      }))

    it.effect("tells a signal to its addressee only", () =>
      Effect.gen(function*() {
        const bus = yield* CallBus
        const [ann, bob] = [someone(), someone()]
        const { call } = initiate(ann, [bob])
        const offer = noticeOf(step(call, { _tag: "Offer", by: ann, digest: "offer" }))
        const listeners = yield* Effect.forEach([ann, bob], bus.subscribe)
        yield* bus.publish(offer)
        yield* delivered
        assert.deepStrictEqual(yield* Effect.forEach(listeners, drain), [[], [offer]])
      }))

    it.effect("tells a listener only the events that happen while the listener is subscribed", () =>
      Effect.gen(function*() {
        const bus = yield* CallBus
        const [ann, bob] = [someone(), someone()]
        yield* bus.publish(placed(ann, bob))
        yield* delivered
        const scope = yield* Scope.make()
        const notices = yield* Scope.provide(bus.subscribe(ann), scope)
        const during = placed(bob, ann)
        yield* bus.publish(during)
        yield* delivered
        assert.deepStrictEqual(yield* drain(notices), [during])
        yield* Scope.close(scope, Exit.void)
        yield* bus.publish(placed(ann, bob))
        yield* delivered
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Queue.take(notices))))
      }))

    it.effect("drops the oldest notices of a slow listener, and no notices of the other listeners", () =>
      Effect.gen(function*() {
        const bus = yield* CallBus
        const [ann, bob] = [someone(), someone()]
        const lagging = yield* bus.subscribe(ann)
        const notices = Array.makeBy(1000, () => placed(ann, bob))
        const prompt = yield* bus.subscribe(bob)
        const seen = yield* Effect.forEach(
          notices,
          (notice) => Effect.andThen(Effect.andThen(bus.publish(notice), delivered), drain(prompt))
        )
        assert.deepStrictEqual(seen.flat().map(({ call }) => call.id), notices.map(({ call }) => call.id))
        const late = (yield* drain(lagging)).map(({ call }) => call.id)
        assert.isBelow(late.length, notices.length)
        assert.deepStrictEqual(late, notices.slice(-late.length).map(({ call }) => call.id))
      }))

    it.effect("calls every listener of a user with each notice in order, until the listener unsubscribes", () =>
      Effect.gen(function*() {
        const bus = yield* CallBus
        const [ann, bob] = [someone(), someone()]
        const heard: Array<CallNotice> = []
        const scope = yield* Scope.make()
        yield* Scope.provide(Effect.all([1, 2].map(() => bus.listen(ann, (notice) => heard.push(notice)))), scope)
        const notices = [placed(ann, bob), placed(bob, ann)]
        yield* Effect.forEach([...notices, placed(bob, someone())], bus.publish)
        yield* delivered
        assert.deepStrictEqual(heard, notices.flatMap((notice) => [notice, notice]))
        yield* Scope.close(scope, Exit.void)
        yield* bus.publish(placed(ann, bob))
        yield* delivered
        assert.lengthOf(heard, 4)
      }))

    it.effect("reports that notices reach other hosts", () =>
      Effect.gen(function*() {
        assert.isTrue(yield* (yield* CallBus).isReachable)
      }))
  })
