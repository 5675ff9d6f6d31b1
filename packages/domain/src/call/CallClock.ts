/**
 * Drives the timers of calls. Deadlines are rows: any host fires them, and a restart fires what is overdue.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { repeat } from "../loop/Loops.ts"
import type { Call } from "./Call.ts"
import { CallConnections } from "./CallConnections.ts"
import { CallEntitlement } from "./CallEntitlement.ts"
import type { Prepared } from "./CallFacts.ts"
import { type CallId, HostId } from "./CallIds.ts"
import { CallLeases, hostLifetimeSeconds } from "./CallLeases.ts"
import { defaultTimeouts } from "./CallLimits.ts"
import { CallRepository } from "./CallRepository.ts"
import { CallSteps } from "./CallSteps.ts"
import { isAtLimit } from "./CallTimers.ts"

/** How many calls a sweep takes at once. */
const batch = 100
const concurrency = 8

/** A host that claimed a due call and died holds it up this long, in seconds. */
const claimSeconds = 10

export class CallClock extends Context.Service<CallClock, {
  /** This process, as leases name it. */
  readonly hostId: HostId
  /** Handles the leases that are lost by now, then the timers that are due by now; returns how many of both. */
  readonly sweep: Effect.Effect<number>
}>()("@dchat/domain/call/CallClock") {
  /** Announces this host. Where it is the only one, an outage may lie behind: deadlines it caused are put off. */
  static readonly layer = Layer.effect(
    CallClock,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const connections = yield* CallConnections
      const repository = yield* CallRepository
      const leases = yield* CallLeases
      const entitlement = yield* CallEntitlement
      const random = yield* SecureRandom.SecureRandom
      const hostId = HostId.make(yield* random.uuidV7())

      const announce = Effect.gen(function*() {
        const now = yield* DateTime.now
        return yield* leases.renewHost(hostId, now, DateTime.add(now, { seconds: hostLifetimeSeconds }))
      })

      const postponeAll = Effect.gen(function*() {
        const until = DateTime.add(yield* DateTime.now, { seconds: defaultTimeouts.resume })
        const postpone = (id: CallId) =>
          Effect.ignore(steps.take(id, () => Effect.succeed({ command: { _tag: "Postpone", until } })))
        let page = yield* repository.dueBefore(until, { limit: batch })
        while (page.length > 0) {
          yield* Effect.forEach(page, postpone, { concurrency, discard: true })
          page = yield* repository.dueBefore(until, { after: page.at(-1), limit: batch })
        }
      })

      /** Before a limit is announced or ends a call, the plan is asked again: it may give more now. */
      const prepareTick = Effect.fnUntraced(function*(call: Call | undefined) {
        const asksPlan = call !== undefined && isAtLimit(call, yield* DateTime.now)
        const plan = asksPlan ? yield* entitlement.limitsFor(call.initiatorId) : undefined
        return { command: { _tag: "Tick", ...(plan && { plan }) } } satisfies Prepared
      })

      /** A call whose timers cannot be fired holds up no other; it is due again once its claim is over. */
      const tick = (id: CallId) =>
        Effect.ignore(steps.take(id, prepareTick)).pipe(
          Effect.catchCause((cause) => Effect.logWarning("could not fire the timers of a call", cause))
        )

      const sweepLeases = Effect.gen(function*() {
        const lost = yield* leases.lost(yield* DateTime.now, batch)
        yield* Effect.forEach(lost, connections.lose, { concurrency, discard: true })
        return lost.length
      })

      const sweepTimers = Effect.gen(function*() {
        const now = yield* DateTime.now
        const due = yield* repository.claimDue(now, DateTime.add(now, { seconds: claimSeconds }), batch)
        yield* Effect.forEach(due, tick, { concurrency, discard: true })
        return due.length
      })

      const drain = (source: Effect.Effect<number>): Effect.Effect<number> =>
        Effect.flatMap(
          source,
          (count) => count < batch ? Effect.succeed(count) : Effect.map(drain(source), (more) => count + more)
        )

      const sweep = Effect.gen(function*() {
        const lost = yield* drain(sweepLeases)
        return lost + (yield* drain(sweepTimers))
      }).pipe(Effect.withSpan("CallClock.sweep"))

      const others = yield* announce
      yield* Effect.addFinalizer(() => leases.removeHost(hostId))
      if (others === 0) yield* postponeAll
      yield* repeat({ name: "renew this host", every: "5 seconds", within: "5 seconds", isVital: true }, announce)

      return CallClock.of({ hostId, sweep })
    })
  )

  /** Sweeps twice a second for as long as the layer lives. A sweep that fails is reported and tried again. */
  static readonly layerSweeping = Layer.effectDiscard(
    Effect.gen(function*() {
      const clock = yield* CallClock
      yield* repeat({ name: "sweep calls", every: "500 millis", within: "30 seconds", isVital: true }, clock.sweep)
    })
  )
}
