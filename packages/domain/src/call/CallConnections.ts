/**
 * Connections and REST requests hold leases on calls. Losing the last lease starts the resume timer.
 */
import { Cause, Context, Effect, Exit, Layer, Option } from "effect"
import * as ActorLease from "./ActorLease.ts"
import { CallSteps, type StepOptions, type Taken } from "./CallSteps.ts"
import { CallTime } from "./CallTime.ts"
import { type Away, awayFrom } from "./model/Away.ts"
import { type Call, participation } from "./model/Call.ts"
import type { CallId, ConnectionId, DeviceId, HostId } from "./model/CallIds.ts"
import type { Actor } from "./model/CallRequest.ts"
import { CallLeases, type Lease } from "./ports/CallLeases.ts"
import { makeRenewByRest } from "./RestRenewals.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

const concurrency = 8

/** Maximum attempts to lose a lease that changes meanwhile. */
const attempts = 3

/** An actor with a realtime connection. */
export type ConnectedActor = Actor & { readonly connection: NonNullable<Actor["connection"]> }

/** A place that a connection of this host holds: at most one, since a user is active in at most one call. */
interface Held {
  readonly actor: ConnectedActor
  readonly callId: CallId
  /** The ordinal of the user's presence in the call; undefined until the step that leads to the presence is stored. */
  readonly ordinal: number | undefined
}

export class CallConnections extends Context.Service<CallConnections, {
  /**
   * Makes the actor's connection hold the actor's place in this call, if the actor may hold the place from this device.
   * An actor who was reconnecting resumes. `fresh`: the client has no memory of the call.
   */
  connect(actor: ConnectedActor, id: CallId, fresh: boolean): Effect.Effect<void>
  /**
   * Removes a connection, and every place that no other connection of the same device holds. Returns the effect to run
   * if the session ends while a user who was in a call by this session is away.
   */
  disconnect(connection: ConnectionId): Effect.Effect<Option.Option<Effect.Effect<void>>>
  /**
   * Ends a connection whose session has ended. Gives up every place that no other connection of the same device holds.
   * Later frames of this connection are no sign of life.
   */
  signOut(connection: ConnectionId): Effect.Effect<void>
  /** Loses a lease. The user is lost as well if no other lease proves the user's presence. */
  lose(lease: Lease): Effect.Effect<void>
  /**
   * Records a sign of life by a REST request or by a frame on an open connection. The request creates or renews the
   * lease, and resumes a user who was taken for lost.
   */
  renew(actor: Actor, call: Call): Effect.Effect<Call>
  /** Whether `renew` would change nothing: the connection holds the place of its actor, or the actor has none. */
  isHeld(actor: ConnectedActor, call: Call): boolean
  /** Executes a step of an actor. Binds the actor's lease with the step if the actor enters or resumes by this step. */
  enter<E, R>(
    actor: Actor,
    id: CallId,
    step: (options: Required<Pick<StepOptions, "lease">>) => Effect.Effect<Taken, E, R>
  ): Effect.Effect<Taken, E, R>
  /** Retries the places that could not be given up when their connection closed, and those that could not be taken. */
  readonly retryPlaces: Effect.Effect<void>
  /**
   * After an outage: gives every open connection of this host, and no other connection, its place again. A failure on
   * one place delays no other place.
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
      /** Connections for which the host does not know whether the lease on their place was bound. */
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
          const person = Option.isSome(call) ? ActorLease.holding(call.value, actor) : undefined
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

      /** Returns whether the lease is gone. Losing the last lease also loses the user and calls `onAway`. */
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

      /** Returns the users who are now away, with their calls. */
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

      /** Retries to hold a place. The frame that asked for the place, if any, was answered long ago. */
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

      const isHeld = (actor: ConnectedActor, call: Call) => {
        const person = ActorLease.holding(call, actor)
        const place = places.get(actor.connection.id)
        return person === undefined || (place?.callId === call.id && !unbound.has(actor.connection.id) &&
          (place.ordinal === undefined || place.ordinal === person.ordinal) && person.state !== "reconnecting")
      }

      const renew = Effect.fnUntraced(function*(actor: Actor, call: Call) {
        const person = ActorLease.holding(call, actor)
        if (person === undefined) return call
        if (isConnected(actor)) {
          if (isHeld(actor, call)) return call
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
        /** Keeps the place unless another one has replaced it since. */
        const keepPlace = (exit: Exit.Exit<Taken, unknown>) => {
          if (places.get(connection.id) !== place) return
          if (Exit.isSuccess(exit) && exit.value.changed) {
            const ordinal = participation(exit.value.call, actor.userId)?.ordinal
            if (ordinal === undefined) return forgetPlace(connection.id)
            unbound.delete(connection.id)
            places.set(connection.id, { ...place, ordinal })
          } else if (Exit.isFailure(exit) && !Cause.hasFails(exit.cause)) {
            // The step may be stored although no answer confirmed the write.
            unbound.add(connection.id)
          } else if (earlier === undefined) forgetPlace(connection.id)
          else places.set(connection.id, earlier)
        }
        return Effect.onExit(step({ lease }), (exit) => Effect.sync(() => keepPlace(exit)))
      }

      return CallConnections.of({ connect, disconnect, signOut, lose, renew, isHeld, enter, retryPlaces, rebind })
    })
  )
}

const isConnected = (actor: Actor): actor is ConnectedActor => actor.connection !== undefined
