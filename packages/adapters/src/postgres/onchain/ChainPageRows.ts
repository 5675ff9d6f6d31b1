/**
 * The rows of one page of a chain, table by table, as JSON for one statement.
 */
import { type PageCommit, Track, TransferMoved, Verdict } from "@dchat/domain/onchain"
import { Schema } from "effect"

/** Values are checked when they come in. */
const unchecked = { disableChecks: true }

const encodeMoved = Schema.encodeSync(Schema.toCodecJson(TransferMoved), unchecked)
const encodeTrack = Schema.encodeSync(Schema.toCodecJson(Track), unchecked)
const encodeVerdict = Schema.encodeSync(Schema.toCodecJson(Verdict), unchecked)

/** One statement writes no row twice: the last entry of a key counts. */
const lastOfEach = <A>(entries: ReadonlyArray<A>, keyOf: (entry: A) => string): ReadonlyArray<A> => [
  ...new Map(entries.map((entry) => [keyOf(entry), entry])).values()
]

export const verdictJson = (verdict: Verdict): string => JSON.stringify(encodeVerdict(verdict))

export const trackJson = (track: Track): string => JSON.stringify(encodeTrack(track))

export const transferRows = ({ transfers }: PageCommit): string =>
  JSON.stringify(
    lastOfEach(transfers, ({ moved }) => moved.transfer.externalId).map(({ moved, stage }) => ({
      external_id: moved.transfer.externalId,
      block_number: moved.block.number,
      stage,
      moved: encodeMoved(moved)
    }))
  )

export const tokenRows = ({ tokens }: PageCommit): string =>
  JSON.stringify(
    lastOfEach(tokens, ({ contract, tokenId }) => `${contract} ${tokenId}`).map(({ contract, owner, tokenId }) => ({
      contract,
      token_id: String(tokenId),
      owner: owner ?? null
    }))
  )
