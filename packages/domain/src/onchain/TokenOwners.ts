/**
 * The owners of the tokens that moved in a page of blocks, and the memberships that follow the tokens.
 */
import { Effect } from "effect"
import type { Reading } from "./ChainReading.ts"
import type { Chain } from "./model/Chain.ts"
import type { Movement, TokenMoved } from "./model/Movement.ts"
import { Disagreement } from "./model/OnchainErrors.ts"
import type { Page } from "./PageReader.ts"
import type { TokenOwner } from "./ports/ChainLedger.ts"
import { TokenMemberships } from "./TokenMemberships.ts"

/** How many owners are read at once. */
const concurrency = 8

const isToken = (movement: Movement): movement is TokenMoved => movement._tag === "TokenMoved"

const byPlace = (one: Movement, other: Movement): number =>
  one.block.number - other.block.number || (one.logIndex ?? -1) - (other.logIndex ?? -1)

export const makeTokenOwners = Effect.gen(function*() {
  const memberships = yield* TokenMemberships

  /**
   * The owner after a page, as the contract states. A node that has deleted the state of the block does not know, and then
   * the last log decides.
   */
  const ownerAfter = Effect.fnUntraced(function*(
    { endpoint, witness }: Reading,
    { last }: Page,
    { contract, to, tokenId }: TokenMoved
  ) {
    const asked = yield* Effect.forEach(
      witness === undefined ? [endpoint] : [endpoint, witness],
      (one) => Effect.option(one.ownerOf(contract, tokenId, last.number))
    )
    const stated = asked.flatMap((one) => one._tag === "Some" ? [one.value] : [])
    if (new Set(stated).size <= 1) return { contract, tokenId, owner: stated.length === 0 ? to : stated[0] }
    return yield* new Disagreement({
      endpoint: endpoint.name,
      detail: `disagrees with ${witness?.name} about the owner of a token`
    })
  })

  /** A membership that cannot be changed blocks no other, and is reviewed later. */
  const followOwner = (chain: Chain, owner: TokenOwner) =>
    memberships.follow(chain, owner).pipe(
      Effect.catchCause((cause) => Effect.logError("a membership cannot follow its token", owner, cause))
    )

  /** The owners of the tokens that moved in a page, after the page. */
  return Effect.fnUntraced(function*(reading: Reading, page: Page) {
    const moved = new Map(
      page.movements.filter(isToken).toSorted(byPlace).map((it) => [`${it.contract}:${it.tokenId}`, it])
    )
    const owners = yield* Effect.forEach(moved.values(), (it) => ownerAfter(reading, page, it), { concurrency })
    yield* Effect.forEach(owners, (owner) => followOwner(reading.chain, owner), { discard: true })
    return owners
  })
})
