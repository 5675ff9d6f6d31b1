import { assert, describe, it } from "@effect/vitest"
import { everyEvent, identityInvariants } from "./identityInvariants.ts"
import { numbersFor, play, randomPeople } from "./randomPeople.ts"

/** `IDENTITY_RUNS=5000 npx vitest run IdentityInvariants` looks longer; a failure names the replay token to repeat it. */
const runs = Number(process.env["IDENTITY_RUNS"] ?? 100)

const everyRefusal = [
  "AccountOwnedByOther",
  "CredentialTaken",
  "LastLoginMethod",
  "LinkedInAlreadyLinked",
  "LinkedInNotLinked",
  "MergeTicketInvalid",
  "MergeTwoLinkedIn",
  "ReauthMismatch",
  "ReauthRequired",
  "TooManyWallets",
  "UserDisabled",
  "UserNotFound",
  "WalletNotFound",
  "WalletOwnedByOther"
]

describe("Users under random commands", () => {
  for (const [sentence, holds] of Object.entries(identityInvariants)) {
    it.prop(sentence, [randomPeople], ([numbers]) => {
      holds(play(numbers))
    }, { arbitrary: { runs, size: 150 } })
  }

  it("meet every event and every refusal within some hundred lives", () => {
    const lives = Array.from({ length: 250 }, (_, index) => play(numbersFor(1, index)))
    const turns = lives.flatMap((life) => life.turns)
    const events = new Set(turns.flatMap((turn) => [...turn.events.values()].flat().map(({ _tag }) => _tag as string)))
    const refusals = new Set(turns.flatMap(({ refusal }) => refusal ?? []))
    assert.deepStrictEqual([...events].toSorted(), everyEvent.toSorted())
    assert.deepStrictEqual([...refusals].toSorted(), everyRefusal)
  })
})
