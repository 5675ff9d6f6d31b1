/**
 * Who is there: connections and REST requests hold leases on calls, and losing the last one starts the resume timer.
 */
import { Cache, Context, DateTime, Duration, Effect, Exit, Layer, Option } from "effect"
import { type Call, participation } from "./Call.ts"
import type { CallId, ConnectionId, DeviceId } from "./CallIds.ts"
import { CallLeases, type Lease } from "./CallLeases.ts"
import type { CallRecord } from "./CallRecord.ts"
import type { Actor } from "./CallRequest.ts"
import { CallSteps } from "./CallSteps.ts"
import { isActive } from "./Participation.ts"

/** A REST request renews the lease of the one who asks at most this often. */
const restRenewal = "15 seconds"

const concurrency = 8

/** An actor who has a realtime connection. */
export type ConnectedActor = Actor & { readonly connection: NonNullable<Actor["connection"]> }

export class CallConnections extends Context.Service<CallConnections, {
  /**
   * The actor's connection holds their place in this call from now on, if the call is theirs to hold from this
   * device; whoever was reconnecting has resumed. `fresh`: the client has no memory of the call.
   */
  connect(actor: ConnectedActor, id: CallId, fresh: boolean): Effect.Effect<void>
  /** A connection is gone, and every place it held with it. */
  disconnect(connection: ConnectionId): Effect.Effect<void>
  /** A lease is lost, unless another connection has taken it over. */
  lose(lease: Lease): Effect.Effect<void>
  /** A request over REST is a sign of life: it renews the lease, and brings back who was taken for lost. */
  renew(actor: Actor, call: Call): Effect.Effect<Call>
}>()("@dchat/domain/call/CallConnections") {
  static readonly layer = Layer.effect(
    CallConnections,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const leases = yield* CallLeases

      const renewals = yield* Cache.makeWith(
        (key: Omit<Lease, "seenAt" | "connection">) =>
          Effect.flatMap(DateTime.now, (seenAt) => leases.touch({ ...key, seenAt })),
        {
          capacity: 65_536,
          // A renewal that failed is none: the next request tries again.
          timeToLive: (exit) => Exit.isSuccess(exit) ? restRenewal : Duration.zero
        }
      )

      const resume = Effect.fnUntraced(function*(actor: Actor, id: CallId, fresh: boolean) {
        const by = { by: actor.userId, ...(actor.device && { device: actor.device }) }
        yield* steps.take(id, () => Effect.succeed({ command: { _tag: "Resume", ...by, fresh } }), {
          lease: bindOnEntering(actor, id)
        })
      }, (effect) => Effect.ignore(effect))

      const connect = Effect.fn("CallConnections.connect")(
        function*(actor: ConnectedActor, id: CallId, fresh: boolean) {
          const call = yield* steps.reload(id)
          if (Option.isNone(call) || !holds(call.value, actor)) return
          const previous = yield* leases.bind(leaseOf(actor, id, yield* DateTime.now))
          const replaced = Option.exists(
            previous,
            ({ connection }) => connection !== undefined && connection.id !== actor.connection.id
          )
          if (replaced && fresh) {
            const lost = { _tag: "LeaseLost", userId: actor.userId } as const
            yield* Effect.ignore(steps.take(id, () => Effect.succeed({ command: lost })))
          }
          yield* resume(actor, id, fresh)
        }
      )

      const lose = Effect.fn("CallConnections.lose")(
        function*(lease: Lease) {
          const command = { _tag: "LeaseLost", userId: lease.userId } as const
          const taken = yield* steps.take(lease.callId, () => Effect.succeed({ command }), {
            lease: () => ({ release: lease })
          })
          if (!taken.changed) yield* leases.drop(lease)
        },
        Effect.catchTags({
          AppendConflict: () => Effect.void,
          CallContended: () => Effect.void
        }),
        (effect, lease) => Effect.catch(effect, () => leases.drop(lease))
      )

      const disconnect = Effect.fn("CallConnections.disconnect")(function*(connection: ConnectionId) {
        yield* Effect.forEach(yield* leases.heldBy(connection), lose, { concurrency, discard: true })
      })

      const renew = Effect.fn("CallConnections.renew")(function*(actor: Actor, call: Call) {
        if (actor.connection !== undefined || !holds(call, actor)) return call
        const device = actor.device ?? participation(call, actor.userId)?.device
        yield* Cache.get(renewals, { callId: call.id, userId: actor.userId, ...(device && { device }) })
        if (participation(call, actor.userId)?.state !== "reconnecting") return call
        yield* resume(actor, call.id, false)
        return Option.getOrElse(yield* steps.recall(call.id), () => call)
      })

      return CallConnections.of({ connect, disconnect, lose, renew })
    })
  )
}

/** The lease to bind with a step by which its actor came into the call, or came back. */
export const bindOnEntering = (actor: Actor, id: CallId) => (records: ReadonlyArray<CallRecord>) => {
  const entered = records.find(({ event }) =>
    event._tag === "CallInitiated" || event._tag === "Accepted" || event._tag === "Resumed"
  )
  return entered && { bind: leaseOf(actor, id, entered.at) }
}

const leaseOf = (actor: Actor, callId: CallId, seenAt: DateTime.Utc): Lease => ({
  callId,
  userId: actor.userId,
  seenAt,
  ...(actor.device && { device: actor.device }),
  ...(actor.connection && { connection: actor.connection })
})

/** Active in the call, by this device or by one that is not known yet. */
const holds = (
  call: Call,
  { device, userId }: { readonly userId: Actor["userId"]; readonly device?: DeviceId | undefined }
) => {
  const person = participation(call, userId)
  return person !== undefined && isActive(person) &&
    (device === undefined || person.device === undefined || device === person.device)
}
