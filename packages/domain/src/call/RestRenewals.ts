/**
 * Renews leases by REST. Each request renews a lease, and few renewals are written.
 */
import { Effect } from "effect"
import { CallTime, monotonicMillis } from "./CallTime.ts"
import { CallLeases, type Lease } from "./ports/CallLeases.ts"

/** Minimum milliseconds between two written renewals of an actor's REST lease, by the monotonic clock. */
const restRenewalMillis = 15_000

/** Maximum number of remembered REST renewals. A forgotten renewal is written once more. */
const renewalsRemembered = 65_536

/** Renews a lease after a request. */
export const makeRenewByRest = Effect.gen(function*() {
  const leases = yield* CallLeases
  const time = yield* CallTime
  const renewedByRest = new Map<string, number>()
  return Effect.fnUntraced(function*(lease: Omit<Lease, "seenAt" | "connection">) {
    const key = `${lease.callId} ${lease.userId} ${lease.device ?? ""}`
    const at = yield* monotonicMillis
    if (at - (renewedByRest.get(key) ?? -Infinity) < restRenewalMillis) return
    renewedByRest.delete(key)
    renewedByRest.set(key, at)
    for (const oldest of renewedByRest.keys()) {
      if (renewedByRest.size <= renewalsRemembered) break
      renewedByRest.delete(oldest)
    }
    yield* leases.bind({ ...lease, seenAt: yield* time.now }).pipe(
      Effect.onError(() => Effect.sync(() => renewedByRest.delete(key)))
    )
  })
})
