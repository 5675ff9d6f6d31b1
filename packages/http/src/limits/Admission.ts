/**
 * Admits requests within two limits: the rate of each client, and the number of requests in progress for each client
 * and on the host.
 */
import { TooManyRequests } from "../api/RateLimited.ts"
import { Overloaded } from "../api/RequestErrors.ts"
import { Places } from "./Places.ts"
import { TokenBuckets } from "./TokenBuckets.ts"

export interface AdmissionLimits {
  /** Requests that the host works on at once. A request whose body is still on its way is no work yet. */
  readonly perHost: number
  /** Requests of one client address at once, with those whose body is on its way. */
  readonly perClient: number
  /** Requests of one client address a second, whatever they ask for. */
  readonly perSecond: number
  /** Requests of one client address that may come at once. */
  readonly atOnce: number
  /** As how many requests one counts that is answered with 429. */
  readonly refusedAs: number
}

/** A request that was let in. */
export class Admitted {
  readonly #change: (working: number, isGone: boolean) => void
  #state: "waits" | "works" | "gone" = "waits"

  constructor(change: (working: number, isGone: boolean) => void) {
    this.#change = change
  }

  /** The request has arrived completely. */
  work() {
    if (this.#state !== "waits") return
    this.#state = "works"
    this.#change(1, false)
  }

  /** The answer has been made, or the connection is gone. */
  leave() {
    if (this.#state === "gone") return
    this.#change(this.#state === "works" ? -1 : 0, true)
    this.#state = "gone"
  }
}

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #byClient: Places
  readonly #asked = new TokenBuckets()
  #working = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
    this.#byClient = new Places(limits.perClient)
  }

  /** Counts a request of this client; the refusal where they come too fast. `now` is in milliseconds. */
  count(client: string | undefined, now: number): TooManyRequests | undefined {
    if (client === undefined) return undefined
    const { atOnce, perSecond } = this.#limits
    const [left] = this.#asked.take(
      { key: client, tokens: 1, limit: atOnce, interval: 1000 / perSecond, allowOverflow: false },
      now
    )
    return left < 0 ? new TooManyRequests({ retryAfterSeconds: 1 }) : undefined
  }

  /** Counts a request that was refused by its route as many: finding out whose it is costs more than answering. */
  chargeRefused(client: string | undefined, now: number) {
    if (client === undefined) return
    const { atOnce, perSecond, refusedAs } = this.#limits
    this.#asked.take(
      { key: client, tokens: refusedAs - 1, limit: atOnce, interval: 1000 / perSecond, allowOverflow: true },
      now
    )
  }

  /** A place, or the refusal where too many are taken. A client without a key is counted with the host only. */
  enter(client: string | undefined): Admitted | Overloaded {
    if (this.#working >= this.#limits.perHost || (client !== undefined && !this.#byClient.take(client))) {
      return new Overloaded({ retryAfterSeconds: 1 })
    }
    return new Admitted((working, isGone) => {
      this.#working += working
      if (isGone && client !== undefined) this.#byClient.leave(client)
    })
  }
}
