/**
 * How a host is while it works: how soon it says that it is alive, and how much memory it uses.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { quantile } from "../load/calls/Tally.ts"
import { memoryOf } from "./ProcessTree.ts"

export interface Health {
  /** Milliseconds until an answer of `/healthz`. */
  readonly p99: number
  readonly failed: number
  readonly mostKibibytes: number
}

/** Milliseconds between two looks. */
const interval = 100

/** Looks at a host until the work is done. */
export const watch = async <A>(
  { origin, pid }: { readonly origin: string; readonly pid: number },
  work: Promise<A>
): Promise<readonly [A, Health]> => {
  const times: Array<number> = []
  let failed = 0
  let mostKibibytes = 0
  const end = new AbortController()
  const look = async () => {
    while (!end.signal.aborted) {
      const began = performance.now()
      const isAlive = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
        async (answer) => await answer.text() !== "" && answer.ok,
        () => false
      )
      times.push(performance.now() - began)
      if (!isAlive) failed += 1
      mostKibibytes = Math.max(mostKibibytes, memoryOf(pid))
      await sleep(interval)
    }
  }
  const looking = look()
  const answer = await work.finally(() => end.abort())
  await looking
  return [answer, { p99: quantile(times, 0.99), failed, mostKibibytes }]
}
