/**
 * Logs the refusals of the gate: one line for all refusals of a second, because a refusal has to cost nothing.
 */
import { Effect } from "effect"
import { problemTable } from "../api/Problems.ts"
import type { GateOptions } from "./GatedServer.ts"

/** Milliseconds for which refusals are gathered. */
const gathering = 1000

/** Refusals that show a fault of the client and none of the host. */
const harmless = (what: string) => what in problemTable && what !== "Overloaded" && what !== "TooManyRequests"

const codeOf = (what: string) => what in problemTable ? problemTable[what as keyof typeof problemTable].code : what

export const refusalLog = Effect.map(Effect.context(), (context): GateOptions["refused"] => {
  const run = Effect.runForkWith(context)
  const counts = new Map<string, number>()

  const say = () => {
    const line = `refused unread: ${[...counts].map(([what, count]) => `${codeOf(what)} ${count}`).join(", ")}`
    run([...counts.keys()].every(harmless) ? Effect.logDebug(line) : Effect.logWarning(line))
    counts.clear()
  }

  return (what) => {
    if (counts.size === 0) setTimeout(say, gathering).unref()
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
})
