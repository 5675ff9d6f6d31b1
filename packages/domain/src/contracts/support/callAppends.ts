/**
 * Steps that are stored or refused, for the contract of the call repository.
 */
import { assert } from "@effect/vitest"
import { DateTime, type Duration, Effect } from "effect"
import { type CallAppend, CallRepository } from "../../call/index.ts"
import type { UserId } from "../../identity/index.ts"
import { StoredCalls } from "../StoredCalls.ts"
import { initiate, noon, plainReason, step } from "./callSteps.ts"

export const append = Effect.fnUntraced(function*(next: CallAppend) {
  const [verdict] = yield* (yield* CallRepository).append([next])
  if (verdict === undefined) return yield* Effect.die("a step without an outcome")
  yield* verdict
  return next.call
})

/** Checks that no part of this step is stored, and returns the conflict. */
export const refused = Effect.fnUntraced(function*(next: CallAppend) {
  const { everything } = yield* StoredCalls
  const before = yield* everything
  const { reason } = yield* Effect.flip(append(next))
  assert.deepStrictEqual(yield* everything, before)
  return plainReason(reason)
})

/** A direct call that was answered, or a group in which every callee answered. */
export const connected = Effect.fnUntraced(
  function*(by: UserId, ...callees: readonly [UserId, ...ReadonlyArray<UserId>]) {
    let call = yield* append(initiate(by, callees))
    for (const callee of callees) call = yield* append(step(call, { _tag: "Accept", by: callee }))
    return call
  }
)

export const after = (amount: Duration.Input) => DateTime.addDuration(noon, amount)
