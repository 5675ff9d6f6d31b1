/**
 * The quick way of requests on a call: alert, media, offers, answers, candidates and the state of links. The rules
 * decide them by the state of the call alone, so that plain functions carry them out.
 */
import { type Cause, Context, Effect, Exit, Layer, Result } from "effect"
import type { Digest } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import { CallConnections, type ConnectedActor } from "./CallConnections.ts"
import type { Prepared } from "./CallFacts.ts"
import type { QuickOutcome } from "./CallMailboxes.ts"
import { CallSteps } from "./CallSteps.ts"
import { type CheckedRequest, checkRequest } from "./CheckedRequest.ts"
import { type Call, isVisibleTo, participation } from "./model/Call.ts"
import type { CallContended, CallRefusal, InvalidSdp } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { CallRequest } from "./model/CallRequest.ts"
import { isActive, isPending } from "./model/Participation.ts"

/** A request that can take the quick way. */
export type QuickRequest = Extract<
  CallRequest,
  { readonly _tag: "Alert" | "ChangeMedia" | "Offer" | "Answer" | "Candidates" | "ReportLink" }
>

/** The end of a quick request. `Unsuited`: nothing has happened, and `Calls.execute` carries the request out. */
export type SignalOutcome =
  /** `seq`: the number of the newest event of the call after the request. */
  | { readonly _tag: "Taken"; readonly seq: number }
  | { readonly _tag: "Refused"; readonly refusal: CallRefusal | CallContended | InvalidSdp }
  | { readonly _tag: "Unsuited" }
  | { readonly _tag: "Failed"; readonly cause: Cause.Cause<never> }

export class Signalling extends Context.Service<Signalling, {
  /**
   * Carries out a request of a connected actor without an effect, and calls `done` once, possibly before it returns.
   * Requests of one call take effect in the order of submission.
   */
  submit(actor: ConnectedActor, id: CallId, request: QuickRequest, done: (outcome: SignalOutcome) => void): void
}>()("@dchat/domain/call/Signalling") {
  static readonly layer = Layer.effect(
    Signalling,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const connections = yield* CallConnections
      const digest = yield* Effect.context<Digest.Digest>()

      const check = (from: UserId, request: QuickRequest) =>
        Effect.runSyncExitWith(digest)(Effect.result(checkRequest(from, request)))

      return Signalling.of({
        submit: (actor, id, request, done) => {
          const call = steps.peek(id)
          if (call === undefined || !connections.isHeld(actor, call)) return done({ _tag: "Unsuited" })
          const checked = check(actor.userId, request)
          // A digest that takes its time makes the check asynchronous.
          if (Exit.isFailure(checked)) return done({ _tag: "Unsuited" })
          if (Result.isFailure(checked.value)) return done({ _tag: "Refused", refusal: checked.value.failure })
          const known = checked.value.success
          steps.submit(id, (state) => prepareQuickly(actor, known, state), (outcome) => done(signalOutcome(outcome)))
        }
      })
    })
  )
}

const signalOutcome = (outcome: QuickOutcome): SignalOutcome =>
  outcome._tag === "Taken" ? { _tag: "Taken", seq: outcome.call.seq } : outcome

/**
 * The command of a request whose actor is active on this device, or pending. An answer that accepts the call needs
 * facts from outside the call, and a user who is neither may have no right to know of the call.
 */
const prepareQuickly = (
  { device, userId }: ConnectedActor,
  request: CheckedRequest,
  call: Call
): Prepared | undefined => {
  const person = participation(call, userId)
  if (person === undefined || !isVisibleTo(call, userId)) return undefined
  const isBound = isActive(person) && person.device !== undefined && person.device === device
  if (!isBound && !(isPending(person) && request._tag !== "Answer")) return undefined
  const by = { by: userId, ...(device && { device }) }
  switch (request._tag) {
    case "Alert":
    case "ReportLink":
      return { command: { ...request, ...by } }
    case "ChangeMedia": {
      const { _tag, ...changes } = request
      return { command: { _tag, ...by, changes } }
    }
    case "Offer":
    case "Answer": {
      const { sdp, ...description } = request
      return { sdp, command: { ...description, ...by } }
    }
    case "Candidates": {
      const { candidates, ...rest } = request
      return { candidates, command: { ...rest, ...by, digests: [...candidates.keys()] } }
    }
    default:
      return undefined
  }
}
