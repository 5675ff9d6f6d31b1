/**
 * The faults of the simulated Stripe.
 */
import type { StripeRefusal } from "./StripeRefusal.ts"

/**
 * `lost`: it does, but the answer never arrives. `refused`: for good. `rate_limit`: 400 for too much haste
 * (https://docs.stripe.com/rate-limits). `401`: the key is no key. `403`: the key lacks rights.
 */
export type Fault =
  | "refused"
  | "401"
  | "403"
  | "424"
  | "429"
  | "500"
  | "rate_limit"
  | "hang"
  | "drop"
  | "lost"
  | "shape"

/** The answer to a request that is not carried out. */
export const answers: Partial<Record<Fault, { readonly status: number; readonly error: StripeRefusal["body"] }>> = {
  refused: { status: 400, error: { type: "invalid_request_error", code: "not_possible", message: "Not possible" } },
  "401": { status: 401, error: { type: "invalid_request_error", message: "Invalid API Key provided" } },
  "403": {
    status: 403,
    error: { type: "invalid_request_error", code: "more_permissions_required", message: "The key lacks permissions" }
  },
  "424": { status: 424, error: { type: "api_error", message: "Something that is needed failed" } },
  "429": { status: 429, error: { type: "rate_limit_error", message: "429" } },
  "500": { status: 500, error: { type: "api_error", message: "500" } },
  rate_limit: { status: 400, error: { type: "invalid_request_error", code: "rate_limit", message: "Too much haste" } }
}

interface Planned {
  readonly path: RegExp
  readonly fault: Fault
  /** The value of `stripe-should-retry` in the answer, if any. */
  readonly shouldRetry: boolean | undefined
  left: number
}

export class Faults {
  private planned: Array<Planned> = []

  /** Applies to the next `times` requests that match `METHOD path`. */
  plan(path: RegExp, fault: Fault, times = Infinity, shouldRetry?: boolean): void {
    this.planned.push({ path, fault, shouldRetry, left: times })
  }

  clear(): void {
    this.planned = []
  }

  take(request: string): Omit<Planned, "left" | "path"> | undefined {
    const found = this.planned.find(({ left, path }) => left > 0 && path.test(request))
    if (found === undefined) return undefined
    found.left -= 1
    return found
  }
}
