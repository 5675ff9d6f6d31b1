/**
 * The quick way of signalling frames: plain functions from the frame to the reply, without an effect for each frame.
 */
import type { ConnectedActor, QuickRequest, Signalling, SignalOutcome } from "@dchat/domain/call"
import { type Cause, Clock, Effect, type Scope } from "effect"
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
interface QuickConnection {
  readonly id: string
  readonly actor: ConnectedActor
  /** The keys against which frames count. */
  readonly countedFor: { readonly address: string; readonly person: string }
  readonly send: (text: string) => void
  /** Carries a frame out that cannot take the quick way. */
  readonly carryOut: (frame: QuickFrame) => Effect.Effect<void>
  readonly scope: Scope.Scope
}

interface Services {
  readonly signalling: Signalling["Service"]
  readonly limits: RateLimits["Service"]
}

/** Returns the effect that is left to do for a frame: most often nothing. */
export const makeQuickFrames = Effect.fnUntraced(
  function*({ limits, signalling }: Services, { actor, carryOut, countedFor, id, scope, send }: QuickConnection) {
    const context = yield* Effect.context<never>()
    const clock = yield* Clock.Clock
    let underWay = 0
    let onRoom: (() => void) | undefined

    const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

    const count = (frame: QuickFrame, requests?: number) => {
      for (const by of ["address", "person"] as const) {
        const quota = quotaOf(framePolicies[frame.type], by)
        const refusal = quota && limits.countHere(quota, countedFor[by], now(), requests)
        if (refusal !== undefined) return refusal
      }
      return undefined
    }

    const reply = (frame: QuickFrame, rest: object) =>
      send(JSON.stringify({ type: "reply", ...(frame.id !== undefined && { id: frame.id }), ...rest }))

    const refuse = (frame: QuickFrame, error: ProblemError) =>
      reply(frame, { ok: false, problem: problemOf(error, id) })

    const fork = (effect: Effect.Effect<void>) => Effect.runForkWith(context)(Effect.forkIn(effect, scope))

    const fail = (frame: QuickFrame, cause: Cause.Cause<never>) => {
      fork(Effect.logError("a realtime frame failed", cause))
      refuse(frame, troubleIn(cause)?.error ?? new FrameFailed())
    }

    const finish = (frame: QuickFrame, outcome: Exclude<SignalOutcome, { readonly _tag: "Unsuited" }>) => {
      switch (outcome._tag) {
        case "Taken":
          return reply(frame, { ok: true, result: { seq: outcome.seq } })
        case "Refused": {
          const { refusedAs = 1 }: RatePolicy = framePolicies[frame.type]
          if (refusedAs > 1) count(frame, refusedAs - 1)
          return refuse(frame, outcome.refusal)
        }
        case "Overloaded":
          return refuse(frame, new Overloaded({ retryAfterSeconds: 1 }))
        case "Failed":
          return fail(frame, outcome.cause)
      }
    }

    const roomAgain = Effect.callback<void>((resume) => {
      if (underWay < mostUnderWay) return resume(Effect.void)
      onRoom = () => resume(Effect.void)
    })

    const take = (frame: QuickFrame): Effect.Effect<void> => {
      const refusal = count(frame)
      if (refusal !== undefined) return Effect.sync(() => refuse(frame, refusal))
      let isNow = true
      let rest: Effect.Effect<void> = Effect.void
      underWay += 1
      signalling.submit(actor, frame.callId, requestOf(frame) as QuickRequest, (outcome) => {
        underWay -= 1
        onRoom?.()
        if (outcome._tag !== "Unsuited") return finish(frame, outcome)
        if (isNow) rest = carryOut(frame)
        else fork(carryOut(frame))
      })
      isNow = false
      return rest
    }

    return (frame: QuickFrame): Effect.Effect<void> =>
      underWay < mostUnderWay ? take(frame) : Effect.flatMap(roomAgain, () => take(frame))
  }
)
