/**
 * Measures the load of this host. An overloaded host refuses new calls and new connections, and continues existing
 * calls.
 */
import { Signalling } from "@dchat/domain/call"
import { Clock, Context, Effect, Layer, Metric } from "effect"
import { Overloaded } from "../api/RequestErrors.ts"
import { ConcurrencyLimit } from "./ConcurrencyLimit.ts"
import { WorkDelay } from "./WorkDelay.ts"

/** Milliseconds that work may wait before the host refuses new calls, and new connections. */
const mostBehind = { calls: 100, connections: 1000 } as const

/** The interval in milliseconds of the measurements. */
const interval = 50

const behind = Metric.gauge("dchat_host_behind_milliseconds", {
  description: "The time for which work of this host waits: the delay of the event loop, or of commands of calls"
})
const working = Metric.gauge("dchat_working_calls", {
  description: "Calls with work on this host: a command that waits or is carried out"
})
const workingLimit = Metric.gauge("dchat_working_calls_limit", {
  description: "The number of calls with work at which this host refuses new calls"
})
const refused = Metric.counter("dchat_refused_calls", {
  description: "New calls that this host refused because the host was overloaded",
  incremental: true
})

interface Load {
  /** Whether the host refuses new calls, or new connections. */
  readonly isOver: (kind: keyof typeof mostBehind) => boolean
  /** Counts a new call as work while the host places the call. */
  readonly countPlacing: (change: 1 | -1) => void
}

const idle: Load = { isOver: () => false, countPlacing: () => {} }

export class HostLoad extends Context.Reference<Load>("@dchat/http/limits/HostLoad", { defaultValue: () => idle }) {
  static readonly refuse: Effect.Effect<never, Overloaded> = Effect.suspend(() =>
    Effect.fail(new Overloaded({ retryAfterSeconds: 1 }))
  )

  /** Refuses a new call, and counts the refusal. */
  static readonly refuseCall: Effect.Effect<never, Overloaded> = Effect.andThen(
    Metric.update(refused, 1),
    HostLoad.refuse
  )

  /** Places a new call, unless the host refuses new calls. */
  static readonly place = <A, E, R>(load: Load, call: Effect.Effect<A, E, R>): Effect.Effect<A, E | Overloaded, R> =>
    Effect.suspend((): Effect.Effect<A, E | Overloaded, R> => {
      if (load.isOver("calls")) return HostLoad.refuseCall
      load.countPlacing(1)
      return Effect.ensuring(call, Effect.sync(() => load.countPlacing(-1)))
    })

  /** Measures the delay of the event loop, how long commands of calls wait, and how many calls have commands. */
  static readonly layer = Layer.effect(
    HostLoad,
    Effect.gen(function*() {
      const signalling = yield* Signalling
      const clock = yield* Clock.Clock
      const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
      const delay = new WorkDelay()
      const limit = new ConcurrencyLimit()
      let placing = 0
      let last = { at: now(), commands: signalling.work().commands }

      // A new call that is being stored counts twice, because it already has a mailbox.
      const callsWithWork = () => placing + signalling.work().calls

      const measure = Effect.suspend(() => {
        const { commands, oldestWait } = signalling.work()
        const at = now()
        delay.measure(at - last.at - interval, oldestWait)
        limit.measure(commands - last.commands, at - last.at)
        last = { at, commands }
        return Effect.all([
          Metric.update(behind, Math.round(delay.behind)),
          Metric.update(working, callsWithWork()),
          Metric.update(workingLimit, Math.round(limit.calls))
        ], { discard: true })
      })
      yield* Effect.sleep(interval).pipe(Effect.andThen(measure), Effect.forever, Effect.forkScoped)

      return {
        isOver: (kind) => delay.behind > mostBehind[kind] || (kind === "calls" && callsWithWork() >= limit.calls),
        countPlacing: (change) => {
          placing += change
        }
      }
    })
  )
}
