import { assert, describe, it } from "@effect/vitest"
import { ConnectionPlaces } from "../../src/postgres/ConnectionPlaces.ts"

describe("The places on the connections of a pool", () => {
  it("are given in the order of coming, and not to those who gave up", () => {
    const places = new ConnectionPlaces(2)
    const [one, other] = [places.take(), places.take()]
    assert.deepStrictEqual([one.isWaiting, other.isWaiting], [false, false])
    const given: Array<string> = []
    const [first, second, third] = ["first", "second", "third"].map((name) => {
      const place = places.take()
      place.onFree = () => given.push(name)
      return place
    })
    places.giveBack(second!)
    places.giveBack(one)
    assert.deepStrictEqual(given, ["first"])
    places.giveBack(first!)
    assert.deepStrictEqual(given, ["first", "third"])
    places.giveBack(third!)
    assert.isFalse(places.isIdle)
    places.giveBack(other)
    assert.isTrue(places.isIdle)
    assert.isFalse(places.take().isWaiting)
  })
})
