import { assert, describe, it } from "@effect/vitest"
import { explore, Violation } from "./support/exhaustive/explore.ts"
import { ofThree, ofTwo, ofTwoInFull } from "./support/exhaustive/moves.ts"
import type { Invariants } from "./support/Turns.ts"

/** `npm run test:exhaustive` explores longer calls. */
describe("Every short call", () => {
  it("keeps all invariants between two users, with the commands that ring, negotiate, lose and resume", () => {
    explore(ofTwo, 6)
  })

  it("keeps all invariants between two users, with every command except Invite", () => {
    explore(ofTwoInFull, 3)
  })

  it("keeps all invariants among three users", () => {
    explore(ofThree, 4)
  })
})

describe("The search through all calls", () => {
  it("takes only such calls for the same that do the same from then on", () => {
    explore(ofTwo, 5, { comparesKeys: true })
    explore(ofTwoInFull, 2, { comparesKeys: true })
    explore(ofThree, 3, { comparesKeys: true })
  })

  it("names a shortest list of commands after which an invariant does not hold", () => {
    const invariants: Invariants = {
      "is never answered": ({ call }) => assert.isUndefined(call?.answeredAt)
    }
    try {
      explore(ofTwo, 6, { invariants })
      assert.fail("no violation was found")
    } catch (error) {
      assert.instanceOf(error, Violation)
      assert.deepStrictEqual(error.commands.map((command) => command?._tag), ["Initiate", "Accept"])
    }
  })
})
