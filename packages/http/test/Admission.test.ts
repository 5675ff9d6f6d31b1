import { assert, describe, it } from "@effect/vitest"
import { Admission } from "../src/Admission.ts"

describe("Admission", () => {
  it("lets so many requests of a client in at once, and others beside it", () => {
    const admission = new Admission({ perHost: 10, perClient: 2 })
    const first = admission.enter("ann")
    assert.isDefined(admission.enter("ann"))
    assert.isUndefined(admission.enter("ann"))
    assert.isDefined(admission.enter("bob"))
    first?.leave()
    first?.leave()
    assert.isDefined(admission.enter("ann"))
    assert.isUndefined(admission.enter("ann"))
  })

  it("lets nobody in while the host works on as many as it may", () => {
    const admission = new Admission({ perHost: 2, perClient: 10 })
    const all = ["ann", "bob"].map((client) => admission.enter(client))
    assert.isDefined(admission.enter("cid"), "bodies that are on their way are no work")
    for (const one of all) one?.work()
    assert.isUndefined(admission.enter("dan"))
    assert.isUndefined(admission.enter(undefined))
    all[0]?.leave()
    all[0]?.work()
    assert.isDefined(admission.enter("dan"))
  })
})
