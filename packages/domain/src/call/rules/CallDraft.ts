/**
 * A decision in progress: the events so far, and the resulting call.
 */
import type { DateTime } from "effect"
import type { Call } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"

export type Evolve = (call: Call, event: CallEvent, at: DateTime.Utc) => Call

export class CallDraft {
  readonly events: Array<CallEvent> = []
  call: Call
  readonly at: DateTime.Utc
  private readonly evolve: Evolve

  constructor(call: Call, at: DateTime.Utc, evolve: Evolve, events: ReadonlyArray<CallEvent> = []) {
    this.call = call
    this.at = at
    this.evolve = evolve
    this.events.push(...events)
  }

  emit(event: CallEvent): void {
    this.events.push(event)
    this.call = this.evolve(this.call, event, this.at)
  }
}
