/**
 * Several hosts on the same calls, each of which can be cut off from them, as by a database that is away, or stop
 * without a word, as by `kill -9`.
 */
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
  ConnectionId,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { Context, Effect, Exit, Layer, Logger, Scope } from "effect"
import { Digest, SecureRandom } from "effect/crypto"

type Services = CallClock | CallConnections | Calls | CallTime

export interface TestHost {
  /** Runs on this host. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, Services>) => Effect.Effect<A, E>
  /** Someone with a connection to it. */
  readonly socket: (actor: Actor, name: string) => Effect.Effect<Actor & Required<Pick<Actor, "connection">>>
  /** Nothing that it asks of what is kept is answered from now on, or all of it is again. */
  readonly cutOff: (isCutOff: boolean) => Effect.Effect<void>
  /** Stops it at once; what it holds stays as it is. */
  readonly kill: Effect.Effect<void>
}

/** What all hosts have in common. */
export const SharedCalls = Layer.mergeAll(
  MemoryCalls.layer,
  CallPolicy.layerOpen,
  CallEntitlement.layerUnlimited,
  RingLimit.layerUnlimited,
  Layer.succeed(CallDirectory, {
    known: (users) => Effect.succeed(new Set(users)),
    aliases: (user) => Effect.succeed([user])
  }),
  Digest.layerWebCrypto,
  SecureRandom.layerWebCrypto,
  Logger.layer([])
)

const failing = (isCutOff: () => boolean, member: unknown): unknown => {
  if (Effect.isEffect(member)) {
    return Effect.suspend(() =>
      isCutOff() ? Effect.die(new Error("the database is away")) : member as Effect.Effect<unknown>
    )
  }
  return typeof member === "function"
    ? (...given: ReadonlyArray<unknown>) => failing(isCutOff, Reflect.apply(member, undefined, given))
    : member
}

/** The same port, which answers only while it is not cut off. */
const cuttable = <A extends object>(port: A, isCutOff: () => boolean): A =>
  Object.fromEntries(Object.entries(port).map(([name, member]) => [name, failing(isCutOff, member)])) as A

/** Starts a host that sweeps. */
export const startHost = Effect.gen(function*() {
  let isCutOff = false
  const shared = yield* Effect.context<Layer.Success<typeof SharedCalls>>()
  const ports = Layer.succeedContext(
    Context.make(CallRepository, cuttable(yield* CallRepository, () => isCutOff)).pipe(
      Context.add(CallLeases, cuttable(yield* CallLeases, () => isCutOff)),
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
    kill: Effect.suspend(() => {
      isCutOff = true
      return Scope.close(scope, Exit.void)
    })
  }
  return host
})
