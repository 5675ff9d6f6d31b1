/**
 * Tells the accounts about transfers that have changed. What a page has shown is stored first, so that a host that stops
 * leaves untold transfers, and another host tells the accounts.
 */
import { Effect } from "effect"
import type { ChainId } from "../identity/model/ChainId.ts"
import type { StoredTransfer } from "./model/StoredTransfer.ts"
import { ChainLedger } from "./ports/ChainLedger.ts"
import { TransferAttribution } from "./TransferAttribution.ts"

/** How many accounts are told at once. */
const concurrency = 8

/** How many transfers are read at once. */
const batch = 500

export const makeTransferTelling = Effect.gen(function*() {
  const ledger = yield* ChainLedger
  const attribution = yield* TransferAttribution

  /** Another host may have told a newer state before this host told an older one. The newest state has the last word. */
  const tell = Effect.fnUntraced(function*({ moved: { transfer: { externalId } } }: StoredTransfer) {
    for (;;) {
      const stored = yield* ledger.transfer(externalId)
      if (stored === undefined) return
      const { moved: { transfer }, revision, stage } = stored
      const verdict = yield* attribution.follow({ transfer, stage }, stored)
      if (yield* ledger.judge(externalId, revision, verdict)) return
    }
  })

  const tellOne = (stored: StoredTransfer) =>
    tell(stored).pipe(
      Effect.catchCause((cause) =>
        Effect.logError("an account cannot be told about a transfer", stored.moved.transfer.externalId, cause)
      )
    )

  /** Tells the accounts all that is untold. An account that cannot be told blocks no other, and is told by a later scan. */
  return Effect.fnUntraced(function*(chainId: ChainId) {
    let last: StoredTransfer | undefined
    do {
      const untold: ReadonlyArray<StoredTransfer> = yield* ledger.untold(chainId, last, batch)
      // A payment whose transfer is gone can be paid by another transfer of the same page.
      const gone = untold.filter(({ stage }) => stage === "dropped")
      yield* Effect.forEach(gone, tellOne, { concurrency, discard: true })
      yield* Effect.forEach(untold.filter(({ stage }) => stage !== "dropped"), tellOne, { concurrency, discard: true })
      last = untold.at(-1)
    } while (last !== undefined)
  })
})
