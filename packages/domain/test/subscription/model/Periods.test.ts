import { nextPeriodEnd, periodEnd } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { time } from "../accounts.ts"

const ends = (anchor: string, period: "monthly" | "yearly", counts: ReadonlyArray<number>) =>
  counts.map((n) => DateTime.formatIso(periodEnd(time(anchor), period, n)).slice(0, 10))

describe("Billing periods", () => {
  it("return to the last day of long months after a short month", () => {
    assert.deepStrictEqual(ends("2027-01-31T10:00:00Z", "monthly", [1, 2, 3, 12, 13]), [
      "2027-02-28",
      "2027-03-31",
      "2027-04-30",
      "2028-01-31",
      "2028-02-29"
    ])
  })

  it("from a leap day end on the 28th until the next leap day", () => {
    assert.deepStrictEqual(ends("2028-02-29T00:00:00Z", "yearly", [1, 2, 3, 4]), [
      "2029-02-28",
      "2030-02-28",
      "2031-02-28",
      "2032-02-29"
    ])
  })

  it("keep the time of day to the millisecond", () => {
    const anchor = time("2027-05-31T23:59:59.999Z")
    assert.strictEqual(DateTime.formatIso(periodEnd(anchor, "monthly", 1)), "2027-06-30T23:59:59.999Z")
  })

  it("follow each other without a gap, whichever is the last paid one", () => {
    for (const anchor of [time("2027-01-31T10:00:00Z"), time("2028-02-29T00:00:00Z"), time("2027-12-30T23:59:59Z")]) {
      for (const period of ["monthly", "yearly"] as const) {
        for (let n = 0; n < 40; n++) {
          const end = periodEnd(anchor, period, n)
          assert.deepStrictEqual(nextPeriodEnd(anchor, period, end), periodEnd(anchor, period, n + 1))
        }
      }
    }
  })
})
