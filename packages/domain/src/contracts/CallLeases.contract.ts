import { assert, layer } from "@effect/vitest"
import { Array, DateTime, type Duration, Effect, type Layer } from "effect"
import { CallLeases, ConnectionId, DeviceId, HostId, type Lease } from "../call/index.ts"
import { noon, someCallId, someConnection, someone } from "./support/callSteps.ts"

const someHost = () => HostId.make(`host-${someConnection().id}`)

const someLease = (more: Partial<Lease> = {}): Lease => ({
  callId: someCallId(),
  userId: someone(),
  device: DeviceId.make("phone"),
  seenAt: noon,
  ...more
})

const later = (amount: Duration.Input) => DateTime.addDuration(noon, amount)

/** The contract of `CallLeases`, for every implementation. */
export const callLeasesContract = <E>(name: string, subject: Layer.Layer<CallLeases, E>) =>
  layer(subject)(name, (it) => {
    const boundTo = Effect.fnUntraced(function*(connection: ConnectionId) {
      return yield* (yield* CallLeases).heldBy(connection)
    })

    it.effect("stores a lease for each connection of a user, in place of a lease by REST", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { device: _, ...byRest } = someLease()
        const byConnection = { ...byRest, connection: someConnection(), seenAt: later("1 second") }
        const byAnother = { ...someLease(byRest), connection: someConnection() }
        assert.deepStrictEqual(yield* leases.bind(byRest), [])
        assert.deepStrictEqual(yield* leases.bind(byConnection), [byRest])
        assert.deepStrictEqual(yield* leases.bind(byAnother), [byConnection])
        assert.deepStrictEqual(yield* boundTo(byConnection.connection.id), [byConnection])
        assert.deepStrictEqual(yield* boundTo(byAnother.connection.id), [byAnother])
      }))

    it.effect("stores each of 50 leases that are bound at once", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const lease = someLease()
        const connections = Array.makeBy(50, someConnection)
        yield* Effect.forEach(connections, (connection) => leases.bind({ ...lease, connection }), {
          concurrency: "unbounded"
        })
        const holders = yield* Effect.filter(connections, ({ id }) =>
          Effect.map(boundTo(id), Array.isReadonlyArrayNonEmpty))
        assert.lengthOf(holders, 50)
      }))

    it.effect("finds every lease of a connection, and no other lease", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [connection, other] = [someConnection(), someConnection()]
        const held = [someLease({ connection }), someLease({ connection })]
        yield* Effect.forEach([...held, someLease({ connection: other }), someLease()], leases.bind)
        const found = yield* leases.heldBy(connection.id)
        assert.deepStrictEqual(new Set(found.map(({ callId }) => callId)), new Set(held.map(({ callId }) => callId)))
        assert.deepStrictEqual(yield* leases.heldBy(ConnectionId.make("unknown")), [])
      }))

    it.effect("finds every lease on a host", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const host = someHost()
        const held = Array.makeBy(2, () => someLease({ connection: { ...someConnection(), hostId: host } }))
        yield* Effect.forEach([...held, someLease({ connection: someConnection() })], leases.bind)
        const found = yield* leases.heldOn(host)
        assert.deepStrictEqual(new Set(found.map(({ callId }) => callId)), new Set(held.map(({ callId }) => callId)))
      }))

    it.effect("renews a lease by REST, creates a missing one, and never moves a time back", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const lease = someLease()
        yield* leases.bind({ ...lease, seenAt: later("20 seconds") })
        yield* leases.bind({ ...lease, seenAt: later("10 seconds") })
        assert.deepStrictEqual(yield* leases.bind(lease), [{ ...lease, seenAt: later("20 seconds") }])
      }))

    it.effect("creates no lease by REST beside a connection of the same device, and creates one beside another device", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const held = someLease({ connection: someConnection() })
        const { connection: _, ...byRest } = held
        const byAnother = { ...byRest, device: DeviceId.make("tablet") }
        yield* leases.bind(held)
        yield* leases.bind({ ...byRest, seenAt: later("1 minute") })
        assert.deepStrictEqual(yield* leases.bind(byAnother), [held])
        assert.lengthOf(yield* leases.bind(byAnother), 2)
      }))

    it.effect("drops a lease that was not renewed, and keeps a lease that was", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const byRest = someLease()
        const byConnection = someLease({ connection: someConnection() })
        const renewed = { ...byRest, seenAt: later("1 second") }
        yield* Effect.forEach([renewed, byConnection], leases.bind)
        yield* Effect.forEach([byRest, { ...byConnection, connection: someConnection() }], leases.drop)
        const { connection: _, ...forgotten } = byConnection
        yield* leases.drop(forgotten)
        assert.deepStrictEqual(yield* Effect.forEach([renewed, byConnection], leases.bind), [[renewed], [byConnection]])

        yield* leases.drop(renewed)
        yield* leases.drop({ ...byConnection, seenAt: later("1 hour") })
        assert.deepStrictEqual(yield* Effect.forEach([renewed, byConnection], leases.bind), [[], []])
      }))

    it.effect("drops a lease if another lease proves the same presence, and keeps the last one", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [phone, tablet] = [DeviceId.make("phone"), DeviceId.make("tablet")]
        const lease = someLease()
        const [one, other, elsewhere] = [
          { ...lease, connection: someConnection() },
          { ...lease, connection: someConnection() },
          { ...lease, device: tablet, connection: someConnection() }
        ]
        yield* Effect.forEach([one, other, elsewhere], leases.bind)
        assert.isTrue(yield* leases.yield(one, phone))
        assert.isTrue(yield* leases.yield(one, phone))
        assert.deepStrictEqual(yield* boundTo(one.connection.id), [])
        assert.isFalse(yield* leases.yield(other, phone))
        assert.deepStrictEqual(yield* boundTo(other.connection.id), [other])
        assert.isTrue(yield* leases.yield(other, undefined))
        assert.isFalse(yield* leases.yield(elsewhere, undefined))
      }))

    it.effect("counts the renewals of every host, and distinguishes a host that returns from a new host", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [one, two] = [someHost(), someHost()]
        const seenBy = (host: HostId, other: HostId) =>
          Effect.map(leases.renewHost(host, 0), ({ isNew, others }) => [
            isNew,
            others.find(({ id }) => id === other)?.beat
          ])
        assert.deepStrictEqual(yield* seenBy(one, two), [true, undefined])
        assert.deepStrictEqual(yield* seenBy(two, one), [true, 1])
        assert.deepStrictEqual(yield* seenBy(one, two), [false, 1])
        assert.deepStrictEqual(yield* seenBy(two, one), [false, 2])
        yield* leases.removeHost(one, 1)
        assert.deepStrictEqual(yield* seenBy(two, one), [false, 2])
        yield* leases.removeHost(one, 2)
        assert.deepStrictEqual(yield* seenBy(two, one), [false, undefined])
        assert.deepStrictEqual(yield* seenBy(one, two), [true, 4])
        yield* leases.removeHost(two)
        assert.deepStrictEqual(yield* seenBy(one, two), [false, undefined])
      }))

    it.effect("reports its clock, and the lead over it that the hosts have agreed on", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const host = someHost()
        yield* leases.renewHost(host, 20_000)
        const { aheadMillis, now } = yield* leases.time
        const renewal = yield* leases.renewHost(host, 0)
        assert.deepStrictEqual([aheadMillis, renewal.aheadMillis], [20_000, 20_000])
        assert.isTrue(DateTime.isGreaterThanOrEqualTo(renewal.now, now))
        assert.strictEqual((yield* leases.time).aheadMillis, 0)
      }))

    it.effect("finds the lost leases of removed or unknown hosts, and of REST after 60 seconds, oldest first", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const longAgo = DateTime.subtract(noon, { days: 3650 })
        const at = (seconds: number) => DateTime.add(longAgo, { seconds })
        const now = at(100)
        const [live, removed, unknown, self] = [someHost(), someHost(), someHost(), someHost()]
        yield* leases.renewHost(live, 0)
        yield* leases.renewHost(removed, 0)
        yield* leases.removeHost(removed)

        const on = (hostId: HostId, seconds: number) =>
          someLease({ connection: { ...someConnection(), hostId }, seenAt: at(seconds) })
        const lost = [on(removed, 1), on(unknown, 2), someLease({ seenAt: at(39) }), someLease({ seenAt: at(40) })]
        const kept = [on(live, 0), on(self, 0), someLease({ seenAt: at(40.001) }), someLease({ seenAt: at(41) })]
        lost.push(on(removed, 50))
        yield* Effect.forEach([...kept, ...lost].toReversed(), leases.bind)

        const found = (yield* leases.lost(self, now, { limit: 1000 })).filter(({ seenAt }) =>
          DateTime.isLessThanOrEqualTo(seenAt, now)
        )
        assert.deepStrictEqual(found, lost)
        assert.deepStrictEqual(yield* leases.lost(self, now, { limit: 3 }), lost.slice(0, 3))
        const except = lost.slice(0, 2).map(({ callId }) => callId)
        assert.deepStrictEqual(yield* leases.lost(self, now, { limit: 2, except }), lost.slice(2, 4))
        yield* leases.renewHost(removed, 0)
        assert.deepStrictEqual((yield* leases.lost(self, now, { limit: 3 })).map(({ seenAt }) => seenAt), [
          at(2),
          at(39),
          at(40)
        ])
      }))

    it.effect("treats every lease by REST as renewed after an outage", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const lease = someLease({ seenAt: DateTime.subtract(noon, { days: 1 }) })
        yield* leases.bind(lease)
        yield* leases.refreshRest(noon)
        assert.deepStrictEqual(yield* leases.bind(lease), [{ ...lease, seenAt: noon }])
      }))
  })
