import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database, PgOnchain } from "@dchat/adapters/postgres"
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import { ChainLedger, type Observation } from "@dchat/domain/onchain"
import { Bytes32, ExternalId, type TransferMisfit } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { dchat } from "./support/CommandLine.ts"
import { sharedHost } from "./support/Processes.ts"

const chainId = ChainId.make(8453)
const wallet = (digit: string) => WalletAddress.make(`0x${digit.repeat(40)}`)
const word = (digit: string) => Bytes32.make(`0x${digit.repeat(64)}`)
const noon = DateTime.makeUnsafe("2027-01-31T12:00:00Z")

const idOf = (digit: string) => ExternalId.make(`${chainId}:${word(digit)}:0`)

/** A settled transfer of 4.99 USDC from a wallet that no user has. */
const observationOf = (digit: string): Observation => ({
  stage: "settled",
  moved: {
    _tag: "TransferMoved",
    block: { number: 7, hash: word("b") },
    logIndex: 0,
    transactionHash: word(digit),
    transfer: {
      externalId: idOf(digit),
      chainId,
      token: wallet("c"),
      payer: wallet("d"),
      recipient: wallet("e"),
      amount: 4_990_000n,
      paidAt: noon
    }
  }
})

/** Stores transfers that pay nothing, as the reading of the chain does. */
const store = (directory: string, digits: ReadonlyArray<string>, reason: TransferMisfit) =>
  Effect.gen(function*() {
    const server = yield* Effect.fromOption(yield* EmbeddedPostgres.find({ directory }))
    yield* Effect.gen(function*() {
      const ledger = yield* ChainLedger
      const lease = yield* Effect.fromNullishOr(yield* ledger.lease(chainId, "a test", 60))
      yield* ledger.commit(lease, {
        track: "settled",
        state: { anchors: [{ number: 7, hash: word("b") }] },
        transfers: digits.map(observationOf),
        tokens: [],
        ignored: 0,
        at: noon
      })
      for (const { moved, revision } of yield* ledger.untold(chainId, undefined, 10)) {
        yield* ledger.judge(moved.transfer.externalId, revision, { _tag: "Unmatched", reason })
      }
    }).pipe(
      Effect.provide(PgOnchain.layer.pipe(Layer.provide(Database.layerOn(EmbeddedPostgres.clientConfig(server)))))
    )
  }).pipe(Effect.runPromise)

describe("dchat payments", () => {
  const theHost = sharedHost()
  const run = (...words: ReadonlyArray<string>) => dchat(theHost().environment, "payments", ...words)
  const reason = ["--reason", "the user wrote to us"]

  it("lists, shows, judges again, and closes transfers that pay nothing", { timeout: 90_000 }, async () => {
    assert.strictEqual((await run("list")).stdout, "No transfer waits.\n")
    await store(theHost().environment.DCHAT_DATA_DIR, ["1", "2"], "unknown_quote")
    const listed = await run("list")
    assert.include(listed.stdout, `${idOf("1")}  settled  4990000 of ${wallet("c")} from ${wallet("d")}`)
    assert.include(listed.stdout, "unknown_quote\n")
    const shown = await run("show", idOf("1"))
    assert.match(shown.stdout, /^amount {7}4990000 base units$/m)
    assert.match(shown.stdout, /^verdict {6}unknown_quote$/m)

    const rechecked = await run("recheck", idOf("1"))
    assert.strictEqual(rechecked.code, 0, rechecked.stderr)
    assert.include(rechecked.stdout, "unknown_sender")

    const nobody = "01890000-0000-7000-8000-000000000000"
    const assigned = await run("assign", idOf("1"), nobody, ...reason)
    assert.include(assigned.stdout, "unknown_quote")

    const noted = await run("refund-note", idOf("1"), "--note", "sent back by 0xabc")
    assert.include(noted.stdout, "sent back (unknown_quote): sent back by 0xabc")
    for (const words of [["recheck", idOf("1")], ["refund-note", idOf("1"), "--note", "again"]]) {
      // oxlint-disable-next-line no-await-in-loop -- one command at a time
      const refused = await run(...words)
      assert.strictEqual(refused.code, 1)
      assert.include(refused.stderr, "Nothing changed: the transfer pays a payment already")
    }
    const left = await run("list")
    assert.notInclude(left.stdout, idOf("1"))
    assert.include(left.stdout, idOf("2"))
    const unknown = await run("show", idOf("3"))
    assert.strictEqual(unknown.code, 1)
    assert.include(unknown.stderr, "no such transfer was seen")
  })

  it(
    "records no refund of an unknown payment, and returns no credit that a user lacks",
    { timeout: 90_000 },
    async () => {
      const ann = await theHost().host.signIn()
      const nobody = "01890000-0000-7000-8000-000000000000"
      const refund = await run("refunded", ann.id, nobody, "--transaction", word("9"), ...reason)
      assert.strictEqual(refund.code, 1)
      assert.include(refund.stderr, "Not recorded: ")
      const credit = await run("return-credit", ann.id, "100", ...reason)
      assert.strictEqual(credit.code, 1)
      assert.include(credit.stderr, "Not recorded: ")
    }
  )
})
