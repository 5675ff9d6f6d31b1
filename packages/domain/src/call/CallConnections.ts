/**
 * Who is there: connections and REST requests hold leases on calls, and losing the last one starts the resume timer.
 */
import { Cause, Context, Effect, Exit, Layer, Option } from "effect"
import * as ActorLease from "./ActorLease.ts"
import { CallSteps, type StepOptions, type Taken } from "./CallSteps.ts"
import { CallTime } from "./CallTime.ts"
import { type Away, awayFrom } from "./model/Away.ts"
import { type Call, participation } from "./model/Call.ts"
import type { CallId, ConnectionId, DeviceId, HostId } from "./model/CallIds.ts"
import type { Actor } from "./model/CallRequest.ts"
import { isActive, type Participation } from "./model/Participation.ts"
import { CallLeases, type Lease } from "./ports/CallLeases.ts"
import { makeRenewByRest } from "./RestRenewals.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

const concurrency = 8

/** How often losing a lease is tried that moves meanwhile. */
const attempts = 3

/** An actor who has a realtime connection. */
export type ConnectedActor = Actor & { readonly connection: NonNullable<Actor["connection"]> }

/** The place that a connection of this host holds. Nobody is active in two calls, so there is one at most. */
interface Held {
  readonly actor: ConnectedActor
  readonly callId: CallId
  /** Which presence of the person in the call; none while the step that leads to it is not kept. */
  readonly ordinal: number | undefined
}

export class CallConnections extends Context.Service<CallConnections, {
  /**
   * The actor's connection holds their place in this call from now on, if the call is theirs to hold from this
   * device; whoever was reconnecting has resumed. `fresh`: the client has no memory of the call.
   */
  connect(actor: ConnectedActor, id: CallId, fresh: boolean): Effect.Effect<void>
  /**
   * A connection is gone, and every place with it that no other connection of the same device holds. Answers what to do
   * where its session ends while somebody is away who was in a call by it.
   */
  disconnect(connection: ConnectionId): Effect.Effect<Option.Option<Effect.Effect<void>>>
  /**
   * The session of a connection has ended: every place is given up that no other connection of the same device holds,
   * and nothing that still comes from it is a sign of life.
   */
  signOut(connection: ConnectionId): Effect.Effect<void>
  /** A lease is lost. The person is, if no other one proves that they are there. */
  lose(lease: Lease): Effect.Effect<void>
  /**
   * A request is a sign of life, by REST or by a frame on an open connection: it makes or renews the lease, and brings
   * back who was taken for lost.
   */
  renew(actor: Actor, call: Call): Effect.Effect<Call>
  /** Carries out a step of an actor, and binds their lease with it where they come in by it, or come back. */
  enter<E, R>(
    actor: Actor,
    id: CallId,
    step: (options: Required<Pick<StepOptions, "lease">>) => Effect.Effect<Taken, E, R>
  ): Effect.Effect<Taken, E, R>
  /** Places are tried again that could not be given up when their connection closed, or not be taken. */
  readonly retryPlaces: Effect.Effect<void>
  /**
   * After an outage: every connection that is open on this host holds its place again, and no other does. A place
   * where this fails holds up no other.
   */
  rebind(host: HostId): Effect.Effect<void>
}>()("@dchat/domain/call/CallConnections") {
  static readonly layer = Layer.effect(
    CallConnections,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const leases = yield* CallLeases
      const time = yield* CallTime
      const places = new Map<ConnectionId, Held>()
      const closing = new Set<ConnectionId>()
      const signedOut = new Set<ConnectionId>()
      /** Connections of which it is not known whether the lease on their place was bound. */
      const unbound = new Set<ConnectionId>()

      const renewByRest = yield* makeRenewByRest

      const resume = Effect.fnUntraced(function*(actor: Actor, id: CallId, fresh: boolean) {
        const by = { by: actor.userId, ...(actor.device && { device: actor.device }) }
        yield* steps.take(id, () => Effect.succeed({ command: { _tag: "Resume", ...by, fresh } }), {
          lease: ActorLease.onEntering(actor, id)
        })
      }, (effect) => Effect.ignore(effect))

      const connect = Effect.fn("CallConnections.connect")(
        function*(actor: ConnectedActor, id: CallId, fresh: boolean) {
          if (signedOut.has(actor.connection.id)) return
          const call = yield* steps.reload(id)
          const person = Option.isSome(call) ? holding(call.value, actor) : undefined
          if (person === undefined) {
            if (places.get(actor.connection.id)?.callId === id) forgetPlace(actor.connection.id)
            return
          }
          places.set(actor.connection.id, { actor, callId: id, ordinal: person.ordinal })
          const before = yield* Effect.onExit(
            leases.bind(ActorLease.of(actor, id, yield* time.now)),
            (exit) =>
              Effect.sync(() => {
                if (Exit.isSuccess(exit)) unbound.delete(actor.connection.id)
                else if (places.has(actor.connection.id)) unbound.add(actor.connection.id)
              })
          )
          const isReplacing = before.some(({ connection, device }) =>
            connection !== undefined && connection.id !== actor.connection.id &&
            (device === undefined || device === actor.device)
          )
          if (isReplacing && fresh) {
            const lost = { _tag: "LeaseLost", userId: actor.userId } as const
            yield* Effect.ignore(steps.take(id, () => Effect.succeed({ command: lost })))
          }
          yield* resume(actor, id, fresh)
        }
      )

      const forgetPlace = (connection: ConnectionId) => {
        places.delete(connection)
        unbound.delete(connection)
      }

      const endSession = ({ callId, since, userId }: Away) =>
        Effect.ignore(steps.take(callId, () => Effect.succeed({ command: { _tag: "SessionEnded", userId, since } })))

      /** Whether the lease is gone, and the person with it if it was the last. Then `onAway` hears of it. */
      const release = (lease: Lease, onAway: (call: Call) => void = () => {}, attempt = 1): Effect.Effect<boolean> =>
        Effect.suspend(() => {
          let device: DeviceId | undefined
          const lost = {
            _tag: "LeaseLost",
            userId: lease.userId,
            ...(lease.device && { device: lease.device }),
            ...(lease.connection && signedOut.has(lease.connection.id) && { signedOut: true as const })
          } as const
          const prepare = (call: Call | undefined) =>
            Effect.sync(() => {
              device = call && participation(call, lease.userId)?.device
              return { command: lost }
            })
          return steps.take(lease.callId, prepare, { lease: () => ({ release: lease, ...(device && { device }) }) })
            .pipe(
              Effect.flatMap(({ call, changed }) => {
                if (!changed) return Effect.as(leases.drop(lease), true)
                onAway(call)
                return Effect.succeed(true)
              }),
              Effect.catchTag(
                "AppendConflict",
                () =>
                  Effect.flatMap(leases.yield(lease, device), (isReleased) =>
                    isReleased || attempt === attempts
                      ? Effect.succeed(true)
                      : release(lease, onAway, attempt + 1))
              ),
              Effect.catchTag("CallContended", () => Effect.succeed(false)),
              Effect.catch(() => Effect.as(leases.drop(lease), true))
            )
        })

      const lose = Effect.fn("CallConnections.lose")((lease: Lease) => Effect.asVoid(release(lease)))

      /** Answers who is away from where now. */
      const giveUp = Effect.fnUntraced(function*(connection: ConnectionId) {
        const away: Array<Away> = []
        const released = yield* Effect.forEach(
          yield* leases.heldBy(connection),
          (lease) => release(lease, (call) => away.push(...awayFrom(call, lease.userId))),
          { concurrency }
        )
        if (!released.every(Boolean)) closing.add(connection)
        else closing.delete(connection)
        return away
      }, (effect, connection) =>
        Effect.catchCause(effect, (cause) => {
          closing.add(connection)
          return Effect.as(Effect.logWarning("could not release the leases of a connection", cause), [])
        }))

      const forgotten = (connection: ConnectionId) =>
        Effect.sync(() => closing.has(connection) || signedOut.delete(connection))

      const disconnect = Effect.fn("CallConnections.disconnect")((connection: ConnectionId) => {
        forgetPlace(connection)
        return Effect.map(
          Effect.ensuring(giveUp(connection), forgotten(connection)),
          (away) => away.length === 0 ? Option.none() : Option.some(Effect.forEach(away, endSession, { discard: true }))
        )
      })

      const signOut = Effect.fn("CallConnections.signOut")((connection: ConnectionId) => {
        forgetPlace(connection)
        signedOut.add(connection)
        return Effect.asVoid(giveUp(connection))
      })

      /** Tries again to hold a place; the frame that asked for it, if any, was answered long ago. */
      const connectAgain = ({ actor, callId }: Held) =>
        Effect.catchCause(
          connect(actor, callId, false),
          (cause) => Effect.logWarning("could not renew the lease of a connection", cause)
        )

      const retryPlaces = Effect.suspend(() =>
        Effect.forEach(
          [
            ...Array.from(closing, (connection) => Effect.andThen(giveUp(connection), forgotten(connection))),
            ...Array.from(unbound, (connection) => {
              const place = places.get(connection)
              return place === undefined ? Effect.sync(() => unbound.delete(connection)) : connectAgain(place)
            })
          ],
          (again) => again,
          { concurrency, discard: true }
        )
      )

      const loseUnheld = (lease: Lease) =>
        Effect.catchCause(lose(lease), (cause) => {
          if (lease.connection !== undefined) closing.add(lease.connection.id)
          return Effect.logWarning("could not release a lease without a connection", cause)
        })

      const rebind = Effect.fn("CallConnections.rebind")(function*(host: HostId) {
        const stored = yield* leases.heldOn(host)
        const isStored = new Set(stored.map(({ callId, connection }) => `${connection?.id} ${callId}`))
        const isHeld = ({ callId, connection }: Lease) =>
          connection !== undefined && places.get(connection.id)?.callId === callId
        yield* Effect.forEach(stored.filter((lease) => !isHeld(lease)), loseUnheld, { concurrency, discard: true })
        yield* Effect.forEach(
          [...places.values()].filter(({ actor, callId }) => !isStored.has(`${actor.connection.id} ${callId}`)),
          connectAgain,
          { concurrency, discard: true }
        )
      })

      const renew = Effect.fn("CallConnections.renew")(function*(actor: Actor, call: Call) {
        const person = holding(call, actor)
        if (person === undefined) return call
        if (isConnected(actor)) {
          const place = places.get(actor.connection.id)
          const isHeld = place?.callId === call.id && !unbound.has(actor.connection.id) &&
            (place.ordinal === undefined || place.ordinal === person.ordinal)
          if (isHeld && person.state !== "reconnecting") return call
          yield* connect(actor, call.id, false)
        } else {
          const device = actor.device ?? person.device
          yield* renewByRest({ callId: call.id, userId: actor.userId, ...(device && { device }) })
          if (person.state !== "reconnecting") return call
          yield* resume(actor, call.id, false)
        }
        return Option.getOrElse(yield* steps.recall(call.id), () => call)
      })

      const enter: CallConnections["Service"]["enter"] = (actor, id, step) => {
        if (!isConnected(actor)) return step({ lease: ActorLease.onEntering(actor, id) })
        if (signedOut.has(actor.connection.id)) return step({ lease: () => undefined })
        const { connection } = actor
        const earlier = places.get(connection.id)
        const place: Held = { actor, callId: id, ordinal: undefined }
        const lease = (records: ReadonlyArray<CallRecord>) => {
          const entered = ActorLease.onEntering(actor, id)(records)
          if (entered !== undefined) places.set(connection.id, place)
          return entered
        }
        /** Unless something else has taken its place since. */
        const keepPlace = (exit: Exit.Exit<Taken, unknown>) => {
          if (places.get(connection.id) !== place) return
          if (Exit.isSuccess(exit) && exit.value.changed) {
            const ordinal = participation(exit.value.call, actor.userId)?.ordinal
            if (ordinal === undefined) return forgetPlace(connection.id)
            unbound.delete(connection.id)
            places.set(connection.id, { ...place, ordinal })
          } else if (Exit.isFailure(exit) && !Cause.hasFails(exit.cause)) {
            // The step may have been kept although nothing has said so.
            unbound.add(connection.id)
          } else if (earlier === undefined) forgetPlace(connection.id)
          else places.set(connection.id, earlier)
        }
        return Effect.onExit(step({ lease }), (exit) => Effect.sync(() => keepPlace(exit)))
      }

      return CallConnections.of({ connect, disconnect, signOut, lose, renew, enter, retryPlaces, rebind })
    })
  )
}

const isConnected = (actor: Actor): actor is ConnectedActor => actor.connection !== undefined

/** The actor's presence in the call, if they are active by this device or by one that is not known yet. */
const holding = (call: Call, { device, userId }: Actor): Participation | undefined => {
  const person = participation(call, userId)
  const isTheirs = device === undefined || person?.device === undefined || device === person.device
  return person !== undefined && isActive(person) && isTheirs ? person : undefined
}
