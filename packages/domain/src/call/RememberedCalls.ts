/**
 * The calls that a host keeps in memory between commands. The store holds the truth: a remembered call may be old.
 */
import type { Call } from "./model/Call.ts"
import type { CallId } from "./model/CallIds.ts"

/** Maximum number of remembered calls. The call that was used least recently is forgotten first. */
const capacity = 4096

export class RememberedCalls {
  readonly #calls = new Map<CallId, Call>()

  /** Returns the remembered call, and counts as a use of the call. */
  get(id: CallId): Call | undefined {
    const call = this.#calls.get(id)
    if (call !== undefined) this.set(call)
    return call
  }

  set(call: Call): void {
    this.#calls.delete(call.id)
    this.#calls.set(call.id, call)
    for (const oldest of this.#calls.keys()) {
      if (this.#calls.size <= capacity) break
      this.#calls.delete(oldest)
    }
  }

  forget(id: CallId): void {
    this.#calls.delete(id)
  }
}
