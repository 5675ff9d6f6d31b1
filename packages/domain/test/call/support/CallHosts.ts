/**
 * Several hosts on the same calls, each of which can be cut off from them, as by a database that is away, or stop
 * without a word, as by `kill -9`.
 */
import { Cryptography } from "@dchat/adapters/crypto"
import { MemoryCalls } from "@dchat/adapters/memory"
import {
  type Actor,
  CallBus,
  CallClock,
  type CallConnections,
  CallDirectory,
  CallEntitlement,
  CallLeases,
  CallPolicy,
  CallRepository,
  type Calls,
  type CallTime,
  type ConnectedActor,
  ConnectionId,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { Context, Effect, Exit, Layer, Logger, Scope } from "effect"

type Services = CallClock | CallConnections | Calls | CallTime

/** Whether an operation fails that is given this. */
export type Fault = (operation: string, given: ReadonlyArray<unknown>) => boolean

export const noFault: Fault = () => false

export interface TestHost {
  /** Runs on this host. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, Services>) => Effect.Effect<A, E>
  /** Someone with a connection to it. */
  readonly socket: (actor: Actor, name: string) => Effect.Effect<ConnectedActor>
  /** Nothing that it asks of what is kept is answered from now on, or all of it is again. */
  readonly cutOff: (isCutOff: boolean) => Effect.Effect<void>
  /** Selects the requests to the stores that fail from now on. */
  readonly fail: (fails: Fault) => Effect.Effect<void>
  /** Stops it at once; what it holds stays as it is. */
  readonly kill: Effect.Effect<void>
}

/** The shared parts of all hosts. */
export const SharedCalls = Layer.mergeAll(
  MemoryCalls.layer,
  CallPolicy.layerOpen,
  CallEntitlement.layerUnlimited,
  RingLimit.layerUnlimited,
  Layer.succeed(CallDirectory, {
    known: (users) => Effect.succeed(new Set(users)),
    aliases: (user) => Effect.succeed([user])
  }),
  Cryptography,
  Logger.layer([])
)

const failing = (fails: () => boolean, member: Effect.Effect<unknown>): Effect.Effect<unknown> =>
  Effect.suspend(() => fails() ? Effect.die(new Error("the database is away")) : member)

/** The same port, operations of which fail where `fails` says so. */
const cuttable = <A extends object>(port: A, fails: Fault): A =>
  Object.fromEntries(
    Object.entries(port).map(([name, member]: [string, unknown]) => {
      if (Effect.isEffect(member)) return [name, failing(() => fails(name, []), member as Effect.Effect<unknown>)]
      if (typeof member !== "function") return [name, member]
      return [name, (...given: ReadonlyArray<unknown>) =>
        failing(
          () => fails(name, given),
          Effect.suspend(() => Reflect.apply(member, undefined, given) as Effect.Effect<unknown>)
        )]
    })
  ) as A

/** Starts a host that sweeps, and of which something may fail from the beginning. */
export const startFailing = Effect.fnUntraced(function*(fault: Fault) {
  let isCutOff = false
  let fails = fault
  const isFailing: Fault = (operation, given) => isCutOff || fails(operation, given)
  const shared = yield* Effect.context<Layer.Success<typeof SharedCalls>>()
  const ports = Layer.succeedContext(
    Context.make(CallRepository, cuttable(yield* CallRepository, isFailing)).pipe(
      Context.add(CallLeases, cuttable(yield* CallLeases, isFailing)),
      Context.add(CallBus, yield* CallBus)
    )
  )
  const scope = yield* Scope.make()
  const services = yield* Layer.buildWithScope(
    Layer.fresh(CallClock.layerSweeping.pipe(Layer.provideMerge(layerCallServices), Layer.provide(ports))),
    scope
  ).pipe(Effect.provide(shared))
  const { hostId } = Context.get(services, CallClock)
  const host: TestHost = {
    run: (effect) => Effect.provide(effect, services),
    socket: (actor, name) => Effect.succeed({ ...actor, connection: { id: ConnectionId.make(name), hostId } }),
    cutOff: (cut) =>
      Effect.sync(() => {
        isCutOff = cut
      }),
    fail: (fault) =>
      Effect.sync(() => {
        fails = fault
      }),
    kill: Effect.suspend(() => {
      isCutOff = true
      return Scope.close(scope, Exit.void)
    })
  }
  return host
})

/** Starts a host that sweeps. */
export const startHost = startFailing(noFault)
