import { assert, describe, it } from "@effect/vitest"
import type { Overloaded } from "../../src/api/RequestErrors.ts"
import { Admission, Admitted } from "../../src/limits/Admission.ts"
import { gateLimits } from "../../src/limits/GateLimits.ts"

const admissionOf = (limits: Partial<typeof gateLimits>) => new Admission({ ...gateLimits, ...limits })

const isIn = (entered: Admitted | Overloaded) => entered instanceof Admitted

const enter = (admission: Admission, client: string) => {
  const admitted = admission.enter(client)
  return admitted instanceof Admitted ? admitted : assert.fail(`${client} is not let in`)
}

describe("Admission", () => {
  it("admits a number of concurrent requests of a client, and those of other clients beside it", () => {
    const admission = admissionOf({ perHost: 10, perClient: 2 })
    const first = enter(admission, "ann")
    assert.isTrue(isIn(admission.enter("ann")))
    assert.isFalse(isIn(admission.enter("ann")))
    assert.isTrue(isIn(admission.enter("bob")))
    first.leave()
    first.leave()
    assert.isTrue(isIn(admission.enter("ann")))
    assert.isFalse(isIn(admission.enter("ann")))
  })

  it("admits no request while the host works on as many as it may", () => {
    const admission = admissionOf({ perHost: 2, perClient: 10 })
    const all = ["ann", "bob"].map((client) => enter(admission, client))
    assert.isTrue(isIn(admission.enter("cid")), "bodies that are on their way are no work")
    for (const one of all) one.work()
    assert.isFalse(isIn(admission.enter("dan")))
    assert.isFalse(isIn(admission.enter(undefined)))
    all[0]?.leave()
    all[0]?.work()
    assert.isTrue(isIn(admission.enter("dan")))
  })

  it("refuses the requests of a client above the rate, and of no other client", () => {
    const admission = admissionOf({ perSecond: 10, atOnce: 2 })
    assert.deepStrictEqual([0, 0, 0].map((now) => admission.count("ann", now)?._tag), [
      undefined,
      undefined,
      "TooManyRequests"
    ])
    assert.isUndefined(admission.count("bob", 0))
    assert.isUndefined(admission.count(undefined, 0))
    assert.isUndefined(admission.count("ann", 100))
    assert.isDefined(admission.count("ann", 100))
  })

  it("counts a request that its route refuses as several", () => {
    const admission = admissionOf({ perSecond: 10, atOnce: 5, refusedAs: 10 })
    assert.isUndefined(admission.count("ann", 0))
    admission.chargeRefused("ann", 0)
    assert.isDefined(admission.count("ann", 500))
    assert.isUndefined(admission.count("ann", 600))
  })
})
