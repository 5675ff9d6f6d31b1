import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { ChainLedger, type InboxQuery, type Observation, type StoredTransfer, type Verdict } from "../onchain/index.ts"
import { judged, leased, observed, pageOf, someTransfer, unmatched } from "./support/chainSteps.ts"
import { noon } from "./support/identityFixtures.ts"
import { newPayment } from "./support/subscriptionSteps.ts"

const idsOf = (transfers: ReadonlyArray<StoredTransfer>) => transfers.map(({ moved }) => moved.transfer.externalId)

/** The part of the contract of `ChainLedger` about the transfers that pay nothing. */
export const chainInboxContract = <E>(name: string, subject: Layer.Layer<ChainLedger, E>): void =>
  layer(subject, { excludeTestServices: true })(`${name}, the inbox`, (it) => {
    it.effect("lists the transfers that pay nothing, newest first, in pages that leave none out", () =>
      Effect.gen(function*() {
        const { commit, inbox } = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const pages = [0, 1, 2].map((minutes) => ({
          at: DateTime.add(noon, { minutes }),
          transfers: [1, 2, 3].map((number) => observed(someTransfer(chainId), number, "settled"))
        }))
        for (const { at, transfers } of pages) {
          yield* commit(lease, pageOf(transfers, { at }))
          for (const { moved } of transfers) yield* judged(moved.transfer.externalId, unmatched)
        }
        const newestFirst = pages.toReversed().flatMap(({ transfers }) =>
          transfers.map(({ moved }) => moved.transfer.externalId).toSorted().toReversed()
        )
        const listed: Array<string> = []
        let before: InboxQuery["before"]
        for (;;) {
          const page = yield* inbox({ chainId, limit: 4, before })
          listed.push(...idsOf(page))
          const last = page.at(-1)
          if (last === undefined) break
          before = { seenAt: last.seenAt, externalId: last.moved.transfer.externalId }
        }
        assert.deepStrictEqual(listed, newestFirst)
        assert.deepStrictEqual(
          idsOf(yield* inbox({ limit: 100 })).filter((id) => newestFirst.includes(id)),
          newestFirst
        )
      }))

    it.effect("lists by chain and by reason, and no transfer that pays, was sent back, was dropped or is not judged yet", () =>
      Effect.gen(function*() {
        const { commit, inbox } = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const late: Verdict = { _tag: "Unmatched", reason: "too_late" }
        const of = (stage: "included" | "settled" | "dropped" = "settled") => observed(someTransfer(chainId), 10, stage)
        const [strange, tooLate] = [of("included"), of()]
        const others: ReadonlyArray<readonly [Observation, Verdict]> = [
          [of(), { _tag: "Paid", paymentId: newPayment() }],
          [of(), { _tag: "SentBack", note: "", reason: "too_late" }],
          [of("dropped"), late]
        ]
        const all = [[strange, unmatched], [tooLate, late], ...others] as const
        yield* commit(lease, pageOf([...all.map(([observation]) => observation), of()]))
        for (const [{ moved }, verdict] of all) yield* judged(moved.transfer.externalId, verdict)
        const ids = (query: Omit<InboxQuery, "limit">) => Effect.map(inbox({ ...query, limit: 100 }), idsOf)
        const [one, two] = [strange, tooLate].map(({ moved }) => moved.transfer.externalId)
        assert.sameMembers(yield* ids({ chainId }), [one, two])
        assert.deepStrictEqual(yield* ids({ chainId, reason: "too_late" }), [two])
        assert.notInclude(yield* ids({ chainId: (yield* leased).chainId }), one)
      }))
  })
