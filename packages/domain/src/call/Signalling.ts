/**
 * The quick way of requests on a call: alert, media, offers, answers, candidates and the state of links. The rules
 * decide them by the state of the call alone, so that plain functions carry them out.
 */
import { type Cause, Context, Effect, Layer, Result } from "effect"
import { CallConnections, type ConnectedActor } from "./CallConnections.ts"
import type { CallWork } from "./CallEngine.ts"
import type { Prepared } from "./CallFacts.ts"
import type { QuickOutcome } from "./CallMailboxes.ts"
import { makeCallRequests, type QuickRequest, type RequestRefusal } from "./CallRequests.ts"
import { CallSteps } from "./CallSteps.ts"
import { type Call, isVisibleTo, participation } from "./model/Call.ts"
import type { CallId } from "./model/CallIds.ts"
import type { CallRequest } from "./model/CallRequest.ts"
import { isActive, isPending } from "./model/Participation.ts"

/** The end of a quick request. `Unsuited`: nothing has happened, and `Calls.execute` carries the request out. */
export type SignalOutcome =
  /** `seq`: the number of the newest event of the call after the request. */
  | { readonly _tag: "Taken"; readonly seq: number }
  | { readonly _tag: "Refused"; readonly refusal: RequestRefusal<CallRequest["_tag"]> }
  | { readonly _tag: "Unsuited" }
  /** The host is behind with its work. Nothing has happened. */
  | { readonly _tag: "Overloaded" }
  | { readonly _tag: "Failed"; readonly cause: Cause.Cause<never> }

export class Signalling extends Context.Service<Signalling, {
  /**
   * Carries out a request of a connected actor without an effect, and calls `done` once, possibly before it returns.
   * Requests of one call take effect in the order of submission.
   */
  submit(actor: ConnectedActor, id: CallId, request: QuickRequest, done: (outcome: SignalOutcome) => void): void
  /** The work of this host on calls. */
  work(): CallWork
}>()("@dchat/domain/call/Signalling") {
  static readonly layer = Layer.effect(
    Signalling,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const connections = yield* CallConnections
      const { checkQuickly } = yield* makeCallRequests

      return Signalling.of({
        work: steps.work,
        submit: (actor, id, request, done) => {
          const call = steps.peek(id)
          if (call === undefined || !connections.isHeld(actor, call)) return done({ _tag: "Unsuited" })
          const checked = checkQuickly(actor, request)
          if (Result.isFailure(checked)) return done({ _tag: "Refused", refusal: checked.failure })
          const prepared = checked.success
          steps.submit(id, {
            prepare: (state) => isQuick(actor, request, state) ? prepared : undefined,
            done: (outcome) => done(signalOutcome(outcome)),
            size: sizeOf(prepared)
          })
        }
      })
    })
  )
}

const signalOutcome = (outcome: QuickOutcome): SignalOutcome =>
  outcome._tag === "Taken" ? { _tag: "Taken", seq: outcome.call.seq } : outcome

/** Characters of signalling. A candidate has at most 1 KiB, and counts as so much. */
const sizeOf = ({ candidates, sdp }: Prepared): number => (sdp?.length ?? 0) + 1024 * (candidates?.size ?? 0)

/**
 * Whether the state of the call is enough: the actor is active on this device, or pending. An answer that accepts the
 * call needs facts from outside the call, and a user who is neither may have no right to know of the call.
 */
const isQuick = ({ device, userId }: ConnectedActor, request: QuickRequest, call: Call): boolean => {
  const person = participation(call, userId)
  if (person === undefined || !isVisibleTo(call, userId)) return false
  const isBound = isActive(person) && person.device !== undefined && person.device === device
  return isBound || (isPending(person) && request._tag !== "Answer")
}
