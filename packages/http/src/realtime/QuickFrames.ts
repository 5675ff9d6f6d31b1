/**
 * The quick way of signalling frames: plain functions from the frame to the reply, without an effect for each frame.
 */
import type { ConnectedActor, QuickRequest, Signalling, SignalOutcome } from "@dchat/domain/call"
import { type Cause, Effect } from "effect"
import { framePolicies } from "../api/FrameLimits.ts"
import { type ProblemError, problemOf } from "../api/Problems.ts"
import type { RatePolicy } from "../api/RateLimited.ts"
import { type CallFrame, type ClientFrame, requestOf } from "../api/RealtimeFrames.ts"
import { Overloaded } from "../api/RequestErrors.ts"
import { quotaOf, type RateLimits } from "../limits/RateLimits.ts"
import { troubleIn } from "../middleware/DatabaseTrouble.ts"
import { FrameFailed } from "./FrameErrors.ts"

/** Quick frames of a connection that may wait for their outcome. Further frames wait until the connection has fewer. */
const mostUnderWay = 128

const quickTypes = [
  "call.alert",
  "call.media",
  "call.offer",
  "call.answer",
  "call.candidates",
  "call.link"
] as const satisfies ReadonlyArray<ClientFrame["type"]>

export type QuickFrame = Extract<CallFrame, { readonly type: typeof quickTypes[number] }>

const types: ReadonlySet<string> = new Set(quickTypes)

export const isQuick = (frame: ClientFrame): frame is QuickFrame => types.has(frame.type)

/** The connection that the frames belong to. */
export interface QuickConnection {
  readonly id: string
  readonly actor: ConnectedActor
  /** The keys against which frames count. */
  readonly countedFor: { readonly address: string; readonly person: string }
  readonly sendText: (text: string) => void
  /** Carries a frame out that cannot take the quick way, and answers the frame. */
  readonly carryOutSlowly: (frame: QuickFrame) => Effect.Effect<void>
  /** Runs the effect, for as long as the connection is open. */
  readonly fork: (effect: Effect.Effect<void>) => void
}

/** The services of the host that quick frames use. */
export interface QuickServices {
  readonly signalling: Signalling["Service"]
  readonly limits: RateLimits["Service"]
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number
}

export class QuickFrames {
  readonly #services: QuickServices
  readonly #connection: QuickConnection
  #underWay = 0
  #onRoom: (() => void) | undefined

  constructor(services: QuickServices, connection: QuickConnection) {
    this.#services = services
    this.#connection = connection
  }

  /** Takes a frame. Returns the effect that is left to do: most often nothing. */
  take(frame: QuickFrame): Effect.Effect<void> {
    return this.#underWay < mostUnderWay
      ? this.#take(frame)
      : Effect.flatMap(this.#roomAgain(), () => this.#take(frame))
  }

  #take(frame: QuickFrame): Effect.Effect<void> {
    const connection = this.#connection
    const { signalling } = this.#services
    const refusal = this.#count(frame)
    if (refusal !== undefined) {
      this.#refuse(frame, refusal)
      return Effect.void
    }
    let isNow = true
    let rest: Effect.Effect<void> = Effect.void
    this.#underWay += 1
    signalling.submit(connection.actor, frame.callId, requestOf(frame) as QuickRequest, (outcome) => {
      this.#underWay -= 1
      this.#onRoom?.()
      if (outcome._tag !== "Unsuited") return this.#finish(frame, outcome)
      const slowly = connection.carryOutSlowly(frame)
      if (isNow) rest = slowly
      else connection.fork(slowly)
    })
    isNow = false
    return rest
  }

  #count(frame: QuickFrame, requests?: number) {
    for (const by of ["address", "person"] as const) {
      const quota = quotaOf(framePolicies[frame.type], by)
      const { limits, now } = this.#services
      const refusal = quota && limits.countHere(quota, this.#connection.countedFor[by], now(), requests)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  #reply(frame: QuickFrame, rest: object) {
    this.#connection.sendText(
      JSON.stringify({ type: "reply", ...(frame.id !== undefined && { id: frame.id }), ...rest })
    )
  }

  #refuse(frame: QuickFrame, error: ProblemError) {
    this.#reply(frame, { ok: false, problem: problemOf(error, this.#connection.id) })
  }

  #fail(frame: QuickFrame, cause: Cause.Cause<never>) {
    this.#connection.fork(Effect.logError("a realtime frame failed", cause))
    this.#refuse(frame, troubleIn(cause)?.error ?? new FrameFailed())
  }

  #finish(frame: QuickFrame, outcome: Exclude<SignalOutcome, { readonly _tag: "Unsuited" }>) {
    switch (outcome._tag) {
      case "Taken":
        return this.#reply(frame, { ok: true, result: { seq: outcome.seq } })
      case "Refused": {
        const { refusedAs = 1 }: RatePolicy = framePolicies[frame.type]
        if (refusedAs > 1) this.#count(frame, refusedAs - 1)
        return this.#refuse(frame, outcome.refusal)
      }
      case "Overloaded":
        return this.#refuse(frame, new Overloaded({ retryAfterSeconds: 1 }))
      case "Failed":
        return this.#fail(frame, outcome.cause)
    }
  }

  #roomAgain() {
    return Effect.callback<void>((resume) => {
      if (this.#underWay < mostUnderWay) return resume(Effect.void)
      this.#onRoom = () => resume(Effect.void)
    })
  }
}
