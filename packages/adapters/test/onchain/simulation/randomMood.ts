/**
 * How an endpoint behaves for a while.
 */
import type { Dice } from "../../../../domain/test/call/support/Dice.ts"
import type { SimulatedChain, Transaction } from "./SimulatedChain.ts"
import type { Mood } from "./SimulatedEndpoint.ts"

/** A reorganisation is at most this deep, counted from the highest block that ever was. */
export const deepest = 64

/** `forged`: transactions that only a forked endpoint has. `mayLie`: the endpoint may say something untrue. */
export const randomMood = (
  dice: Dice,
  chain: SimulatedChain,
  { forged, mayLie }: { readonly forged: ReadonlyArray<Transaction>; readonly mayLie: boolean }
): Mood => {
  const { history } = chain
  const older = history.slice(0, Math.max(1, history.length - 1 - dice.below(20)))
  const slow: ReadonlyArray<Mood> = [
    { _tag: "lagging", history: older },
    { _tag: "narrow", most: dice.pick([1, 2, 5] as const) },
    { _tag: "failing" },
    { _tag: "down" }
  ]
  const lying: ReadonlyArray<Mood> = [
    { _tag: "forked", history: chain.fork(history, 1 + dice.below(deepest), forged) },
    { _tag: "mixed", history: older },
    { _tag: "empty" },
    { _tag: "truncated" },
    { _tag: "forgetful" }
  ]
  return dice.pick(mayLie ? lying : slow) ?? { _tag: "honest" }
}
