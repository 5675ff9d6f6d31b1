/**
 * The type of a rule: one result for all of its branches, with exactly the refusals that the rule returns.
 */
import type { Cause, Result } from "effect"

/**
 * The same function. The compiler infers one `Result` for each branch of a rule, and `rule` unites them. So the code
 * states no list of refusals, and no list can name too few or too many.
 */
export const rule = <Facts extends ReadonlyArray<unknown>, Branches extends Result.Result<unknown, unknown>>(
  decide: (...facts: Facts) => Branches
) => decide as (...facts: Facts) => Result.Result<Result.Result.Success<Branches>, Result.Result.Failure<Branches>>

/** A refusal is a tagged error. */
export interface Refusal extends Cause.YieldableError {
  readonly _tag: string
}

/** The refusals of the rules in a table, by key. `Extract` drops none, and shows that a refusal of any key has a tag. */
export type RefusalsOf<Rules extends Record<string, (...facts: never) => Result.Result<unknown, Refusal>>> = {
  readonly [Name in keyof Rules]: Extract<Result.Result.Failure<ReturnType<Rules[Name]>>, Refusal>
}
