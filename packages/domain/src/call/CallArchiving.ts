/**
 * Moves ended calls to the storage of finished calls, and forgets finished calls after the time that the installation
 * keeps them.
 */
import { DateTime, Effect, Layer } from "effect"
import { repeat } from "../loop/index.ts"
import { CallTime } from "./CallTime.ts"
import { CallSettings } from "./ports/CallSettings.ts"
import { FinishedCalls } from "./ports/FinishedCalls.ts"

/**
 * Seconds for which an ended call keeps all of its events. A user who lost the connection returns within this time, and
 * then receives every event.
 */
const secondsInPlace = 30

/** Maximum number of calls that one transaction moves. */
const batch = 50

const moveEnded = Effect.gen(function*() {
  const { move } = yield* FinishedCalls
  const now = yield* (yield* CallTime).now
  return yield* move(DateTime.subtract(now, { seconds: secondsInPlace }), batch)
}).pipe(Effect.withSpan("CallArchiving.moveEnded"))

const keepMonths = Effect.gen(function*() {
  const { forget, prepare } = yield* FinishedCalls
  const { retentionDays = 0 } = yield* CallSettings
  const now = yield* (yield* CallTime).now
  yield* prepare(now)
  if (!(retentionDays > 0)) return
  const months = yield* forget(DateTime.subtract(now, { days: retentionDays }))
  if (months > 0) {
    yield* Effect.logInfo(`forgot the calls of ${months} months, as they were older than ${retentionDays} days`)
  }
}).pipe(Effect.withSpan("CallArchiving.keepMonths"))

/** Moves ended calls every five seconds, and keeps the months of finished calls every hour. Any host may do both. */
export const layerArchiving = Layer.effectDiscard(
  Effect.gen(function*() {
    yield* repeat(
      { name: "keep the months of calls", every: "1 hour", within: "5 minutes", isVital: false },
      keepMonths
    )
    yield* repeat(
      { name: "move ended calls", every: "5 seconds", within: "1 minute", isVital: false },
      Effect.repeat(moveEnded, { while: (moved) => moved >= batch })
    )
  })
)
