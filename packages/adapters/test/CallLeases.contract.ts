import { CallLeases, ConnectionId, DeviceId, HostId, type Lease } from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, type Duration, Effect, type Layer, Option } from "effect"
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

/** What every `CallLeases` promises, whatever it is built on. */
export const callLeasesContract = <E>(name: string, subject: Layer.Layer<CallLeases, E>) =>
  layer(subject)(name, (it) => {
    const boundTo = Effect.fnUntraced(function*(connection: ConnectionId) {
      return yield* (yield* CallLeases).heldBy(connection)
    })

    it.effect("answers the lease that a new one replaces, exactly as it was", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { device: _, ...byRest } = someLease()
        const byConnection = { ...byRest, connection: someConnection(), seenAt: later("1 second") }
        const byAnother = { ...someLease(byRest), connection: someConnection() }
        assert.deepStrictEqual(yield* leases.bind(byRest), Option.none())
        assert.deepStrictEqual(yield* leases.bind(byConnection), Option.some(byRest))
        assert.deepStrictEqual(yield* leases.bind(byAnother), Option.some(byConnection))
        assert.deepStrictEqual(yield* boundTo(byConnection.connection.id), [])
        assert.deepStrictEqual(yield* boundTo(byAnother.connection.id), [byAnother])
      }))

    it.effect("replaces in one order when 50 connections are bound at once", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const lease = someLease()
        const connections = Array.makeBy(50, someConnection)
        const replaced = yield* Effect.forEach(
          connections,
          (connection) => leases.bind({ ...lease, connection }),
          { concurrency: "unbounded" }
        )
        const holders = yield* Effect.filter(connections, ({ id }) =>
          Effect.map(boundTo(id), Array.isReadonlyArrayNonEmpty))
        const chain = [
          ...replaced.flatMap(Option.toArray).map(({ connection }) =>
            connection?.id
          ),
          holders[0]?.id
        ]
        assert.lengthOf(replaced.filter(Option.isNone), 1)
        assert.lengthOf(holders, 1)
        assert.deepStrictEqual(new Set(chain), new Set(connections.map(({ id }) => id)))
      }))

    it.effect("knows every lease of a connection, and of no other", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [connection, other] = [someConnection(), someConnection()]
        const held = [someLease({ connection }), someLease({ connection })]
        yield* Effect.forEach([...held, someLease({ connection: other }), someLease()], leases.bind)
        const found = yield* leases.heldBy(connection.id)
        assert.deepStrictEqual(new Set(found.map(({ callId }) => callId)), new Set(held.map(({ callId }) => callId)))
        assert.deepStrictEqual(yield* leases.heldBy(ConnectionId.make("unknown")), [])
      }))

    it.effect("renews a lease by REST, makes one where there is none, and never moves a time back", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const lease = someLease()
        yield* leases.touch({ ...lease, seenAt: later("20 seconds") })
        yield* leases.touch({ ...lease, seenAt: later("10 seconds") })
        assert.deepStrictEqual(
          yield* leases.bind(lease),
          Option.some({ ...lease, seenAt: later("20 seconds") })
        )
      }))

    it.effect("leaves a lease that a connection holds alone when it is asked for by REST", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const held = someLease({ connection: someConnection() })
        const { connection: _, ...byRest } = held
        yield* leases.bind(held)
        yield* leases.touch({ ...byRest, seenAt: later("1 minute") })
        assert.deepStrictEqual(yield* leases.bind(held), Option.some(held))
      }))

    it.effect("drops a lease that has not moved, and leaves one alone that has", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const byRest = someLease()
        const byConnection = someLease({ connection: someConnection() })
        const renewed = { ...byRest, seenAt: later("1 second") }
        const moved = { ...byConnection, connection: someConnection() }

        yield* leases.bind(renewed)
        yield* leases.bind(moved)
        yield* Effect.forEach([byRest, byConnection, { ...byRest, connection: someConnection() }], leases.drop)
        const { connection: _, ...forgotten } = byConnection
        yield* leases.drop(forgotten)
        assert.deepStrictEqual(yield* Effect.forEach([renewed, moved], leases.bind), [
          Option.some(renewed),
          Option.some(moved)
        ])

        yield* leases.drop(renewed)
        yield* leases.drop({ ...moved, seenAt: later("1 hour") })
        assert.deepStrictEqual(yield* Effect.forEach([renewed, moved], leases.bind), [Option.none(), Option.none()])
      }))

    it.effect("counts the other hosts that live", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [one, two, three] = [someHost(), someHost(), someHost()]
        const before = yield* leases.renewHost(one, noon, later("15 seconds"))
        assert.strictEqual(yield* leases.renewHost(two, noon, later("15 seconds")), before + 1)
        assert.strictEqual(yield* leases.renewHost(three, later("5 seconds"), later("20 seconds")), before + 2)
        assert.strictEqual(yield* leases.renewHost(three, later("15 seconds"), later("30 seconds")), 0)
        yield* leases.renewHost(one, later("16 seconds"), later("31 seconds"))
        assert.strictEqual(yield* leases.renewHost(three, later("16 seconds"), later("31 seconds")), 1)
        yield* leases.removeHost(one)
        yield* leases.removeHost(someHost())
        assert.strictEqual(yield* leases.renewHost(three, later("16 seconds"), later("31 seconds")), 0)
      }))

    it.effect("loses the leases of hosts that are dead, removed or unknown, and of REST after 60 seconds, oldest first", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const longAgo = DateTime.subtract(noon, { days: 3650 })
        const at = (seconds: number) => DateTime.add(longAgo, { seconds })
        const now = at(100)
        const [live, dead, removed, unknown] = [someHost(), someHost(), someHost(), someHost()]
        yield* leases.renewHost(live, at(95), at(100.001))
        yield* leases.renewHost(dead, at(85), at(100))
        yield* leases.renewHost(removed, at(95), at(110))
        yield* leases.removeHost(removed)

        const on = (hostId: HostId, seconds: number) =>
          someLease({ connection: { ...someConnection(), hostId }, seenAt: at(seconds) })
        const lost = [on(dead, 1), on(unknown, 2), someLease({ seenAt: at(39) }), someLease({ seenAt: at(40) })]
        const kept = [on(live, 0), someLease({ seenAt: at(40.001) }), someLease({ seenAt: at(41) })]
        lost.push(on(removed, 50))
        yield* Effect.forEach([...kept, ...lost].toReversed(), leases.bind)

        const found = (yield* leases.lost(now, 1000)).filter(({ seenAt }) => DateTime.isLessThanOrEqualTo(seenAt, now))
        assert.deepStrictEqual(found, lost)
        assert.deepStrictEqual(yield* leases.lost(now, 3), lost.slice(0, 3))
        yield* leases.renewHost(dead, now, at(115))
        assert.deepStrictEqual((yield* leases.lost(now, 4)).map(({ seenAt }) => seenAt), [
          at(2),
          at(39),
          at(40),
          at(50)
        ])
      }))
  })
