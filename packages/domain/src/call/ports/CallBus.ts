/**
 * Port: notifies the hosts of events. The bus may lose messages; a listener finds the gap by `after` and fills the gap
 * from the repository.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"
import type { Signal } from "../model/Signal.ts"
import type { CallRecord } from "../rules/CallRecord.ts"

/** One step of a call, and the resulting call. */
export interface CallNotice {
  readonly call: Call
  readonly records: ReadonlyArray<CallRecord>
  readonly signals: ReadonlyArray<{ readonly seq: number; readonly signal: Signal }>
}

export class CallBus extends Context.Service<CallBus, {
  /** Sends a notice to every user in the audience of one of its records. */
  publish(notice: CallNotice): Effect.Effect<void>
  /** Calls `listener` with each notice for this user from now on, in order. The listener returns at once. */
  listen(user: UserId, listener: (notice: CallNotice) => void): Effect.Effect<void, never, Scope.Scope>
  /** The notices for this user from now on. A listener that lags loses the oldest. */
  subscribe(user: UserId): Effect.Effect<Queue.Dequeue<CallNotice>, never, Scope.Scope>
  /** Whether notices reach other hosts now. */
  readonly isReachable: Effect.Effect<boolean>
}>()("@dchat/domain/call/CallBus") {}
