/**
 * Measures the load of this host. An overloaded host refuses new calls and new connections, and continues existing
 * calls.
 */
import { Signalling } from "@dchat/domain/call"
import { Context, Effect, Layer, Metric } from "effect"
import { performance } from "node:perf_hooks"
import { Overloaded } from "../api/RequestErrors.ts"
import { WorkDelay } from "./WorkDelay.ts"

/** Milliseconds that work may wait before the host refuses new calls, and new connections. */
export const mostBehind = { calls: 100, connections: 1000 } as const

/** The interval in milliseconds at which the delay of the event loop is measured. */
const interval = 50

const behind = Metric.gauge("dchat_host_behind_milliseconds", {
  description: "The time for which work of this host waits: the delay of the event loop, or of commands of calls"
})

interface Load {
  /** Milliseconds for which work waits. */
  readonly behind: () => number
  /** Records the time in milliseconds from the arrival of a command of signalling to its end. */
  readonly took: (milliseconds: number) => void
}

const idle: Load = { behind: () => 0, took: () => {} }

export class HostLoad extends Context.Reference<Load>("@dchat/http/limits/HostLoad", { defaultValue: () => idle }) {
  /** Fails while the host is too far behind for new work of this kind. */
  static readonly admits = (
    load: Load,
    kind: keyof typeof mostBehind
  ): Effect.Effect<void, Overloaded> =>
    Effect.suspend(() =>
      load.behind() > mostBehind[kind] ? Effect.fail(new Overloaded({ retryAfterSeconds: 1 })) : Effect.void
    )

  /** Measures the delay of the event loop, how long commands of calls wait, and how long signalling takes. */
  static readonly layer = Layer.effect(
    HostLoad,
    Effect.gen(function*() {
      const signalling = yield* Signalling
      const context = yield* Effect.context<never>()
      const delay = new WorkDelay()
      let measuredAt = performance.now()
      const measure = () => {
        const now = performance.now()
        delay.measure(now - measuredAt - interval, signalling.oldestWait())
        measuredAt = now
        Effect.runSyncWith(context)(Metric.update(behind, Math.round(delay.behind)))
      }
      yield* Effect.acquireRelease(
        Effect.sync(() => setInterval(measure, interval).unref()),
        (timer) => Effect.sync(() => clearInterval(timer))
      )
      return { behind: () => delay.behind, took: delay.took }
    })
  )
}
