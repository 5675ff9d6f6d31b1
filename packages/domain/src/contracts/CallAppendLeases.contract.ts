import { assert, layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { type Call, CallLeases, type CallRepository, DeviceId } from "../call/index.ts"
import { StoredCalls } from "./StoredCalls.ts"
import { after, append, connected, refused } from "./support/callAppends.ts"
import { initiate, leaseOf, someConnection, someone, step } from "./support/callSteps.ts"

/** The part of the contract of `CallRepository.append` about leases. */
export const callAppendLeasesContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | StoredCalls, E>
) =>
  layer(subject)(`${name}, with leases`, (it) => {
    it.effect("binds a lease with a step: beside the leases of other connections, and in place of a lease by REST", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const placed = initiate(ann, [bob])
        const { everything } = yield* StoredCalls
        let call = yield* append({ ...placed, lease: { bind: leaseOf(placed.call, ann) } })
        const first = leaseOf(call, ann, { connection: someConnection() })
        call = yield* append(step(call, { _tag: "Alert", by: bob }, { lease: { bind: first } }))
        const ofCall = Effect.map(everything, ({ leases }) => leases.filter(({ callId }) => callId === call.id))
        assert.deepStrictEqual(yield* ofCall, [first])
        const second = leaseOf(call, ann, { connection: someConnection() })
        const accepted = step(call, { _tag: "Accept", by: bob }, { lease: { bind: second } })
        yield* append(accepted)
        assert.deepStrictEqual(yield* leases.heldBy(first.connection!.id), [first])
        assert.deepStrictEqual(yield* leases.heldBy(second.connection!.id), [second])
      }))

    it.effect("releases a lease that was not renewed, or that is gone already", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { everything } = yield* StoredCalls
        const [ann, bob] = [someone(), someone()]
        let call = yield* connected(ann, bob)
        const byConnection = leaseOf(call, ann, { connection: someConnection() })
        const byRest = leaseOf(call, bob)
        yield* Effect.forEach([byConnection, byRest], leases.bind)
        const release = { ...byConnection, seenAt: after("1 hour") }
        call = yield* append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release } }))
        call = yield* append(step(call, { _tag: "LeaseLost", userId: bob }, { lease: { release: byRest } }))
        assert.lengthOf((yield* everything).leases.filter(({ callId }) => callId === call.id), 0)
        call = yield* append(step(call, { _tag: "Resume", by: ann, fresh: false }))
        yield* append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release } }))
      }))

    it.effect("refuses to release a lease that is not the last of its device, or that was renewed by REST", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const call = yield* connected(ann, bob)
        const phone = DeviceId.make("phone")
        const lost = (release: ReturnType<typeof leaseOf>, device?: DeviceId) =>
          step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release, device } })
        const byRest = leaseOf(call, ann)
        yield* leases.bind(leaseOf(call, ann, { seenAt: after("1 second") }))
        assert.deepStrictEqual(yield* refused(lost(byRest)), { _tag: "LeaseMoved" })

        const [one, other] = [someConnection(), someConnection()].map((connection) =>
          leaseOf(call, ann, { connection })
        )
        const onTablet = leaseOf(call, ann, { device: DeviceId.make("tablet"), connection: someConnection() })
        yield* Effect.forEach([one!, other!, onTablet], leases.bind)
        assert.deepStrictEqual(yield* refused(lost(one!, phone)), { _tag: "LeaseMoved" })
        yield* leases.drop(other!)
        assert.deepStrictEqual(yield* refused(lost(one!)), { _tag: "LeaseMoved" })
        yield* append(lost(one!, phone))
        assert.deepStrictEqual(yield* leases.heldBy(onTablet.connection!.id), [onTablet])
      }))

    it.effect("refuses to release a renewed lease also in a step by which its holder leaves", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const call = yield* connected(ann, bob)
        const moved = leaseOf(call, ann, { seenAt: after("1 second") })
        yield* leases.bind(moved)
        const ended = (release: ReturnType<typeof leaseOf>) => step(call, { _tag: "End" }, { lease: { release } })
        assert.deepStrictEqual(yield* refused(ended(leaseOf(call, ann))), { _tag: "LeaseMoved" })
        yield* append(ended(moved))
      }))

    it.effect("drops the leases of users who leave, binds no lease for them, and drops all leases when the call ends", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { everything } = yield* StoredCalls
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const leasesOf = (call: Call) =>
          Effect.map(
            everything,
            ({ leases }) => leases.filter(({ callId }) => callId === call.id).map(({ userId }) => userId)
          )
        const call = yield* connected(ann, bob, cat)
        yield* Effect.forEach([ann, bob, cat], (user) => leases.bind(leaseOf(call, user)))
        const left = yield* append(
          step(call, { _tag: "Leave", by: bob }, {
            lease: { bind: leaseOf(call, bob, { connection: someConnection() }) }
          })
        )
        assert.deepStrictEqual(new Set(yield* leasesOf(call)), new Set([ann, cat]))
        yield* append(step(left, { _tag: "End", by: ann }, { lease: { bind: leaseOf(call, ann) } }))
        assert.deepStrictEqual(yield* leasesOf(call), [])
      }))
  })
