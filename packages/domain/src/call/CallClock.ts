/**
 * Drives the timers of calls. Deadlines are rows: any host fires them, and a restart fires overdue timers. A host that
 * was cut off ends no call: it repairs the effects of the outage before it sweeps.
 */
import { Context, DateTime, Effect, Fiber, Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { repeat } from "../loop/index.ts"
import { CallConnections } from "./CallConnections.ts"
import type { Prepared } from "./CallFacts.ts"
import { CallsElsewhere } from "./CallsElsewhere.ts"
import { CallSteps } from "./CallSteps.ts"
import { asked, CallTime, monotonicMillis } from "./CallTime.ts"
import * as HostWatch from "./HostWatch.ts"
import type { Call } from "./model/Call.ts"
import { type CallId, HostId } from "./model/CallIds.ts"
import { defaultTimeouts } from "./model/CallLimits.ts"
import { CallEntitlement } from "./ports/CallEntitlement.ts"
import { CallLeases, type Lease } from "./ports/CallLeases.ts"
import { CallRepository } from "./ports/CallRepository.ts"
import { isAtLimit } from "./rules/CallTimers.ts"

/** Maximum number of calls in one batch of a sweep. */
const batch = 100
const concurrency = 8

/** Seconds for which a due call waits if the host that claimed the call died. */
const claimSeconds = 10

/** Milliseconds for which a call rests after a failed step, so that other calls have their turn. */
const restMillis = claimSeconds * 1000

/** A call that takes longer to change delays no other call; its change continues in the background. */
const roundTimeout = "4 seconds"

/** Milliseconds between searches for calls that ring a user who is active in another call. */
const catchUpMillis = 5000

/** Time after which the timers have their turn, even if leases are still being lost. */
const leasePatience = "10 seconds"

/** The difference in milliseconds up to which the time of calls ignores the clock of the store. */
const farMillis = 1000

export class CallClock extends Context.Service<CallClock, {
  /** The id of this process in leases. */
  readonly hostId: HostId
  /**
   * Handles lost leases, then due timers, and returns the number of both. After an outage, the sweep first repairs the
   * effects. While this host cannot renew itself, the sweep does nothing. A call with a failed step delays no other
   * call. The sweep fails if calls cannot be found, or if no call can be read or changed.
   */
  readonly sweep: Effect.Effect<number>
}>()("@dchat/domain/call/CallClock") {
  /** Announces this host, and renews the host for the lifetime of the layer. */
  static readonly layer = Layer.effect(
    CallClock,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const connections = yield* CallConnections
      const repository = yield* CallRepository
      const leases = yield* CallLeases
      const entitlement = yield* CallEntitlement
      const elsewhere = yield* CallsElsewhere
      const time = yield* CallTime
      const random = yield* SecureRandom.SecureRandom
      const hostId = HostId.make(yield* random.uuidV7())
      const scope = yield* Effect.scope

      const renewal = Effect.gen(function*() {
        const aheadMillis = yield* time.aheadMillis
        return yield* asked(leases.renewHost(hostId, aheadMillis))
      })

      const first = yield* renewal
      let watch = HostWatch.start(first, first.askedAt)
      /** The time of the last progress of the latest sweep, by the monotonic clock. */
      let progressAt = first.askedAt
      let caughtUpAt = -Infinity

      /** The time of calls may jump if no open call could end by the jump. */
      const followClock = Effect.fnUntraced(function*(stored: typeof first, wasSuspended: boolean) {
        yield* time.follow(stored, wasSuspended ? "shared" : undefined)
        const isFar = Math.abs(yield* time.aheadMillis) > farMillis
        if (isFar && (yield* repository.countOpen) === 0) yield* time.follow(stored, "clock")
        const aheadMillis = yield* time.aheadMillis
        // Hosts that start now must begin with the time of this host.
        if (Math.abs(aheadMillis - stored.aheadMillis) > farMillis) yield* leases.renewHost(hostId, aheadMillis)
      })

      const beat = Effect.gen(function*() {
        const told = yield* renewal
        yield* followClock(told, HostWatch.wasSuspended(watch, told, told.askedAt))
        watch = HostWatch.renewed(watch, told, told.askedAt)
        const silent = HostWatch.silent(watch, told.askedAt)
        yield* Effect.forEach(silent, ({ beat, id }) => leases.removeHost(id, beat), { discard: true })
      }).pipe(
        Effect.timeout(roundTimeout)
      )

      /** A failed beat is retried soon. A new host checks often whether other hosts live. */
      const beatWhenDue = Effect.flatMap(
        monotonicMillis,
        (now) => watch.state === "waiting" || now - watch.renewedAt >= HostWatch.beatSeconds * 1000 ? beat : Effect.void
      )

      const isLate = Effect.map(
        monotonicMillis,
        (now) => HostWatch.isLate(watch, now) || now - progressAt > HostWatch.lateSeconds * 1000
      )

      const gotOn = Effect.map(monotonicMillis, (now) => {
        progressAt = now
      })

      /** Runs each item on its own: a failure is reported, and a slow item continues while others have their turn. */
      const forEach = Effect.fnUntraced(
        function*<A>(all: ReadonlyArray<A>, what: string, each: (one: A) => Effect.Effect<unknown>) {
          const done = yield* Effect.forEach(
            all,
            (one) =>
              each(one).pipe(
                Effect.as(true),
                Effect.catchCause((cause) => Effect.as(Effect.logWarning(what, cause), false)),
                Effect.forkIn(scope, { startImmediately: true }),
                Effect.flatMap(Fiber.join),
                Effect.timeoutOption(roundTimeout),
                Effect.tap(gotOn)
              ),
            { concurrency }
          )
          // Each call may have its own fault. If no call can be read, the fault lies with the host.
          if (all.length > 0 && !done.some((one) => Option.getOrElse(one, () => false))) yield* repository.loadAll([])
        }
      )

      const postpone = Effect.fnUntraced(function*(id: CallId) {
        const until = DateTime.add(yield* time.now, { seconds: defaultTimeouts.resume })
        yield* Effect.ignore(steps.take(id, () => Effect.succeed({ command: { _tag: "Postpone", until } })))
      })

      const postponeAll = Effect.gen(function*() {
        const until = DateTime.add(yield* time.now, { seconds: defaultTimeouts.resume })
        let page = yield* repository.dueBefore(until, { limit: batch })
        while (page.length > 0) {
          yield* forEach(page, "could not postpone the deadlines of a call", postpone)
          page = yield* repository.dueBefore(until, { after: page.at(-1), limit: batch })
        }
      })

      const mend = Effect.gen(function*() {
        const { outages } = watch
        yield* connections.rebind(hostId)
        yield* leases.refreshRest(yield* time.now)
        yield* postponeAll
        watch = HostWatch.mended(watch, outages)
        yield* gotOn
      }).pipe(Effect.withSpan("CallClock.mend"))

      /** Reads the plan again before the limit is announced or ends a call: the plan may now give more. */
      const prepareTick = Effect.fnUntraced(function*(call: Call | undefined) {
        const asksPlan = call !== undefined && isAtLimit(call, yield* time.now)
        const plan = asksPlan ? yield* entitlement.limitsFor(call.initiatorId) : undefined
        if (yield* isLate) return yield* Effect.fail("late" as const)
        return { command: { _tag: "Tick", ...(plan && { plan }) } } satisfies Prepared<"Tick">
      })

      /** A call whose timers cannot be fired delays no other call. The call is due again when its claim ends. */
      const tick = (id: CallId) => Effect.ignore(steps.take(id, prepareTick))

      /** The host that served this user is dead. Deadlines that this host should have served are extended. */
      const lose = (lease: Lease) =>
        Effect.andThen(connections.lose(lease), lease.connection === undefined ? Effect.void : postpone(lease.callId))

      /**
       * Calls with a lease that is being lost or could not be lost, and the end of their rest by the monotonic clock.
       */
      const resting = new Map<CallId, number>()
      const loseOrRest = Effect.fnUntraced(function*(lease: Lease) {
        resting.set(lease.callId, (yield* monotonicMillis) + restMillis)
        yield* lose(lease)
        resting.delete(lease.callId)
      })

      const sweepLeases = Effect.gen(function*() {
        const at = yield* monotonicMillis
        for (const [id, until] of resting) if (until <= at) resting.delete(id)
        const lost = yield* leases.lost(hostId, yield* time.now, { limit: batch, except: [...resting.keys()] })
        if (yield* isLate) return 0
        yield* forEach(lost, "could not mark a participant as lost", loseOrRest)
        return lost.length
      })

      const sweepTimers = Effect.gen(function*() {
        const now = yield* time.now
        const due = yield* repository.claimDue(now, DateTime.add(now, { seconds: claimSeconds }), batch)
        if (yield* isLate) return 0
        yield* forEach(due, "could not fire the timers of a call", tick)
        return due.length
      })

      const drain = (source: Effect.Effect<number>): Effect.Effect<number> =>
        Effect.flatMap(
          source,
          (count) => count < batch ? Effect.succeed(count) : Effect.map(drain(source), (more) => count + more)
        )

      const catchUpWhenDue = Effect.gen(function*() {
        const now = yield* monotonicMillis
        if (now - caughtUpAt < catchUpMillis || (yield* isLate)) return
        caughtUpAt = now
        yield* Effect.timeoutOption(elsewhere.catchUp, roundTimeout)
      })

      const sweep = Effect.gen(function*() {
        yield* gotOn
        if ((yield* isLate) || watch.state === "waiting") return 0
        yield* connections.retryPlaces
        if (watch.state === "cut off") yield* mend
        // Leases that cannot be lost stop no timer.
        const lost = yield* Effect.exit(Effect.timeoutOption(drain(sweepLeases), leasePatience))
        const fired = yield* Effect.exit(drain(sweepTimers))
        yield* catchUpWhenDue
        // A delay of the sweep delayed users as well.
        if (yield* isLate) watch = HostWatch.cutOff(watch)
        return Option.getOrElse(yield* lost, () => 0) + (yield* fired)
      }).pipe(Effect.withSpan("CallClock.sweep"))

      yield* Effect.addFinalizer(() => Effect.ignoreCause(Effect.timeoutOption(leases.removeHost(hostId), "1 second")))
      if (watch.state === "cut off") {
        yield* Effect.catchCause(
          mend,
          (cause) => Effect.logWarning("could not repair the deadlines after an outage", cause)
        )
      }
      yield* repeat({ name: "renew this host", every: "1 second", within: "5 seconds", isVital: true }, beatWhenDue)

      return CallClock.of({ hostId, sweep })
    })
  ).pipe(Layer.provide(CallsElsewhere.layer))

  /** Sweeps twice a second for as long as the layer lives. A sweep that fails is reported and tried again. */
  static readonly layerSweeping = Layer.effectDiscard(
    Effect.gen(function*() {
      const clock = yield* CallClock
      yield* repeat({ name: "sweep calls", every: "500 millis", within: "30 seconds", isVital: true }, clock.sweep)
    })
  )
}
