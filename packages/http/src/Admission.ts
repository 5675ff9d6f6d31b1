/**
 * Counts the requests that are answered at once, and says when there are too many: of one client, or on the host.
 */

export interface AdmissionLimits {
  /** Requests that the host works on at once. A request whose body is still on its way is no work yet. */
  readonly perHost: number
  /** Requests of one client address at once, with those whose body is on its way. */
  readonly perClient: number
}

/** A request that was let in. */
export class Admitted {
  readonly #change: (working: number, inside: number) => void
  #state: "waits" | "works" | "gone" = "waits"

  constructor(change: (working: number, inside: number) => void) {
    this.#change = change
    change(0, 1)
  }

  /** All of the request is there. */
  work() {
    if (this.#state !== "waits") return
    this.#state = "works"
    this.#change(1, 0)
  }

  /** The request is answered, or its connection is gone. */
  leave() {
    if (this.#state === "gone") return
    this.#change(this.#state === "works" ? -1 : 0, -1)
    this.#state = "gone"
  }
}

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #byClient = new Map<string, number>()
  #working = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Nothing where there are too many already. A client without a key is counted with the host only. */
  enter(client: string | undefined): Admitted | undefined {
    if (this.#working >= this.#limits.perHost) return undefined
    if (client !== undefined && (this.#byClient.get(client) ?? 0) >= this.#limits.perClient) return undefined
    return new Admitted((working, inside) => {
      this.#working += working
      if (client === undefined) return
      const count = (this.#byClient.get(client) ?? 0) + inside
      if (count === 0) this.#byClient.delete(client)
      else this.#byClient.set(client, count)
    })
  }
}
