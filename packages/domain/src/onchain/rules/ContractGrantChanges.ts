/**
 * The grants of a user by the entries of a contract: which ones to give, and which ones to revoke.
 */
import { DateTime } from "effect"
import type { Grant } from "../../subscription/index.ts"
import type { ContractSubscription } from "../model/ContractSubscription.ts"

export interface GrantChanges {
  readonly give: ReadonlyArray<ContractSubscription>
  readonly revoke: ReadonlyArray<Grant>
}

const isSameEnd = (one: DateTime.Utc | undefined, other: DateTime.Utc | undefined): boolean =>
  one === undefined || other === undefined ? one === other : DateTime.Equivalence(one, other)

const isSame = ({ reason, tier, until }: Grant, entry: ContractSubscription): boolean =>
  reason === entry.name && tier === entry.tier && isSameEnd(until, entry.until)

/** `contract`: the actor of the grants that come from this contract. */
export const grantChanges = (
  grants: ReadonlyArray<Grant>,
  contract: string,
  entries: ReadonlyArray<ContractSubscription>
): GrantChanges => {
  const held = grants.filter(({ actor, revokedAt, source }) =>
    source === "contract" && actor === contract && revokedAt === undefined
  )
  return {
    give: entries.filter((entry) => !held.some((grant) => isSame(grant, entry))),
    revoke: held.filter((grant) => !entries.some((entry) => isSame(grant, entry)))
  }
}
