import {
  type Call,
  type CallCommandOf,
  linkBetween,
  NoOpenOffer,
  NotConnected,
  NotInCall,
  NotOfferer,
  OfferConflict,
  participation,
  StaleNegotiation,
  TooManyCandidates,
  TooManyOffers,
  UnknownParticipant,
  WrongDevice
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { atSecond, given, type History, wait } from "../support/given.ts"
import {
  accepted,
  acceptedAmong,
  annBobAndCid,
  annCallsBob,
  annCallsGroup,
  annSeesBob,
  annTalksToBob,
  answer,
  invited,
  left,
  linkEvent,
  linkUp,
  offer,
  onLaptop,
  onPhone,
  reconnecting,
  resumed
} from "../support/history.ts"
import { ann, bob, cid, dee, phone } from "../support/people.ts"

const offers = (by: UserId, digest = "offer-1", more: Partial<CallCommandOf<"Offer">> = {}) =>
  ({ _tag: "Offer", ...onPhone(by), digest, ...more }) as const

const answers = (by: UserId, digest = "answer-1", more: Partial<CallCommandOf<"Answer">> = {}) =>
  ({ _tag: "Answer", ...onPhone(by), digest, ...more }) as const

const sends = (by: UserId, digests: ReadonlyArray<string>, more: Partial<CallCommandOf<"Candidates">> = {}) =>
  ({ _tag: "Candidates", ...onPhone(by), digests, ...more }) as const

const reports = (by: UserId, state: "up" | "down", to?: UserId) =>
  ({ _tag: "ReportLink", ...onPhone(by), state, ...(to && { with: to }) }) as const

const candidates = (from: UserId, to: UserId, negotiation: number, digests: ReadonlyArray<string>) =>
  ({ _tag: "Candidates", from, to, negotiation, digests }) as const

const kept = (from: UserId, to: UserId, negotiation: number, digests: ReadonlyArray<string>) =>
  ({ ...candidates(from, to, negotiation, digests), _tag: "CandidatesKept", device: phone }) as const

const negotiated = [offer(ann, bob), answer(bob, ann)]

const link = (call: Call) => {
  const found = linkBetween(call, ann, bob)
  return found === undefined ? undefined : [found.signalling, found.transport]
}

describe("LinkMachine", () => {
  describe("offering", () => {
    it("is up to the initiator first in a direct call, even before the answer", () => {
      const offered = given(annCallsBob).when(offers(ann)).yields(offer(ann, bob))
      assert.deepStrictEqual(link(offered.state), ["offering", "new"])
      given(annTalksToBob).when(offers(bob)).refuses(new NotOfferer({ offerer: ann }))
    })

    it("is up to the newcomer first in a group", () => {
      given(annBobAndCid).when(offers(cid, "offer-1", { to: ann })).yields(offer(cid, ann))
      given(annBobAndCid).when(offers(ann, "offer-1", { to: cid })).refuses(new NotOfferer({ offerer: cid }))
    })

    it("is allowed to either side after the first negotiation", () => {
      given(annTalksToBob, negotiated).when(offers(bob, "offer-2")).yields(offer(bob, ann, 2))
      given(annTalksToBob, negotiated).when(offers(ann, "offer-2", { negotiation: 2 })).yields(offer(ann, bob, 2))
    })

    it("counts separately for each pair of users", () => {
      given(annBobAndCid, offer(bob, ann), answer(ann, bob)).when(offers(cid, "offer-1", { to: ann })).yields(
        offer(cid, ann, 1)
      )
    })

    it("refuses any number except the next one", () => {
      for (const negotiation of [0, 1, 3]) {
        given(annTalksToBob, negotiated).when(offers(ann, "offer-2", { negotiation })).refuses(
          new StaleNegotiation({ negotiation: 1 })
        )
      }
    })

    it("succeeds without a change if repeated, answered or not", () => {
      for (const history of [[offer(ann, bob)], negotiated]) {
        given(annTalksToBob, history).when(offers(ann)).changesNothing()
        given(annTalksToBob, history).when(offers(ann, "offer-1", { negotiation: 1 })).changesNothing()
      }
    })

    it("conflicts with an open offer of either side", () => {
      const conflict = new OfferConflict({ negotiation: 2 })
      const offered = given(annTalksToBob, negotiated, offer(ann, bob, 2))
      offered.when(offers(bob, "offer-of-bob")).refuses(conflict)
      offered.when(offers(ann, "another-of-ann")).refuses(conflict)
      offered.when(offers(bob, "offer-of-bob", { negotiation: 2 })).refuses(conflict)
    })

    it("is refused to invited users, and from them", () => {
      given(annCallsGroup(bob, cid)).when(offers(ann, "offer-1", { to: bob })).refuses(new NotInCall())
      given(annTalksToBob, invited(cid, { kind: "group" })).when(offers(ann, "offer-1", { to: cid })).refuses(
        new NotInCall()
      )
      given(annCallsBob).when(offers(bob)).refuses(new NotInCall())
    })

    it("requires an addressee in a group", () => {
      given(annBobAndCid).when(offers(cid)).refuses(new UnknownParticipant({ userIds: [] }))
      given(annBobAndCid).when(offers(cid, "offer-1", { to: dee })).refuses(new NotInCall())
      given(annBobAndCid, left(ann, "hangup")).when(offers(cid, "offer-1", { to: ann })).refuses(new NotInCall())
    })

    it("is allowed on the bound device only", () => {
      given(annTalksToBob).when({ ...offers(ann), ...onLaptop(ann) }).refuses(new WrongDevice())
    })

    it("is limited to five a minute on a link", () => {
      const rounds = [1, 2, 3, 4, 5].flatMap((n) => [wait(n === 1 ? 0 : 10), offer(ann, bob, n), answer(bob, ann, n)])
      const busy = given(annCallsBob, accepted(bob), rounds)
      busy.when(offers(ann, "offer-6")).refuses(new TooManyOffers({ retryAt: atSecond(60) }))
      busy.and(wait(19)).when(offers(bob, "offer-6")).refuses(new TooManyOffers({ retryAt: atSecond(60) }))
      busy.and(wait(20)).when(offers(bob, "offer-6")).yields(offer(bob, ann, 6))
    })
  })

  describe("answering", () => {
    const offered = given(annTalksToBob, offer(ann, bob))

    it("completes the negotiation and starts the check of the transport", () => {
      const answered = offered.when(answers(bob)).yields(answer(bob, ann))
      assert.deepStrictEqual(link(answered.state), ["stable", "checking"])
      offered.when(answers(bob, "answer-1", { negotiation: 1 })).yields(answer(bob, ann))
    })

    it("succeeds without a change if repeated", () => {
      given(annTalksToBob, negotiated).when(answers(bob)).changesNothing()
      given(annTalksToBob, negotiated).when(answers(bob, "answer-1", { negotiation: 1 })).changesNothing()
    })

    it("is refused without an open offer of the other side with that number", () => {
      given(annTalksToBob).when(answers(bob)).refuses(new NoOpenOffer())
      given(annTalksToBob, negotiated).when(answers(bob, "answer-2")).refuses(new NoOpenOffer())
      offered.when(answers(ann)).refuses(new NoOpenOffer())
      offered.when(answers(bob, "answer-1", { negotiation: 2 })).refuses(new NoOpenOffer())
    })

    it("is refused from another device, and from a user who has left", () => {
      offered.when({ ...answers(bob), ...onLaptop(bob) }).refuses(new WrongDevice())
      given(annBobAndCid, offer(cid, bob), left(bob, "hangup")).when(answers(bob, "answer-1", { to: cid })).refuses(
        new NotInCall()
      )
    })

    it("does not interrupt working media, and checks a link that was down or failed again", () => {
      const after = (...transport: History) =>
        link(given(annTalksToBob, negotiated, ...transport, offer(ann, bob, 2)).when(answers(bob, "answer-2")).state)
      assert.deepStrictEqual(after(linkUp(ann, bob)), ["stable", "up"])
      assert.deepStrictEqual(after(linkUp(ann, bob), linkEvent("LinkDown", ann, bob)), ["stable", "checking"])
      assert.deepStrictEqual(after(linkEvent("LinkFailed", ann, bob)), ["stable", "checking"])
      assert.deepStrictEqual(after(), ["stable", "checking"])
    })

    it("is possible for either side in turn", () => {
      given(annTalksToBob, negotiated, offer(bob, ann, 2)).when(answers(ann, "answer-2")).yields(answer(ann, bob, 2))
    })
  })

  describe("candidates", () => {
    it("go to the other side, at once in a direct call", () => {
      given(annCallsBob, offer(ann, bob)).when(sends(ann, ["c1", "c2"])).yields(candidates(ann, bob, 1, ["c1", "c2"]))
      given(annTalksToBob, negotiated).when(sends(bob, ["c3"])).yields(candidates(bob, ann, 1, ["c3"]))
    })

    it("are sent once", () => {
      const sent = given(annTalksToBob, negotiated).when(sends(ann, ["c1", "c2"]))
      sent.after.when(sends(ann, ["c2", "c3", "c3"])).yields(candidates(ann, bob, 1, ["c3"]))
      sent.after.when(sends(ann, ["c1", "c2"])).changesNothing()
      given(annTalksToBob, negotiated).when(sends(ann, [])).changesNothing()
    })

    it("end once for each side", () => {
      const end = { endOfCandidates: true } as const
      const ended = given(annTalksToBob, negotiated).when(sends(ann, [], end)).yields(
        { ...candidates(ann, bob, 1, []), ...end }
      )
      ended.after.when(sends(ann, [], end)).changesNothing()
      ended.after.when(sends(bob, ["c1"], end)).yields({ ...candidates(bob, ann, 1, ["c1"]), ...end })
    })

    it("of the previous negotiation may arrive late", () => {
      const renegotiating = given(annTalksToBob, negotiated, candidates(ann, bob, 1, ["c1"]), offer(ann, bob, 2))
      renegotiating.when(sends(ann, ["c1", "c2"], { negotiation: 1 })).yields(candidates(ann, bob, 1, ["c2"]))
      renegotiating.when(sends(ann, ["c1"])).yields(candidates(ann, bob, 2, ["c1"]))
    })

    it("of an older negotiation are dropped", () => {
      given(annTalksToBob, negotiated, offer(ann, bob, 2), answer(bob, ann, 2), offer(ann, bob, 3))
        .when(sends(ann, ["c1"], { negotiation: 1 })).changesNothing()
    })

    it("without a negotiation, or of one after the next, are refused", () => {
      for (const negotiation of [0, -1, 3]) {
        given(annTalksToBob, negotiated).when(sends(ann, ["c1"], { negotiation })).refuses(
          new StaleNegotiation({ negotiation: 1 })
        )
      }
    })

    it("ahead of their own offer are stored, and sent after it", () => {
      const first = given(annTalksToBob).when(sends(ann, ["c1"])).yields(kept(ann, bob, 1, ["c1"]))
      const both = first.after.when(sends(ann, ["c1", "c2"], { negotiation: 1 })).yields(kept(ann, bob, 1, ["c2"]))
      both.after.when(sends(ann, ["c2", "c1"])).changesNothing()
      const [one, other] = [first.state.seq, both.state.seq]
      const offered = both.after.when(offers(ann)).yields(
        offer(ann, bob),
        { ...candidates(ann, bob, 1, ["c1"]), keptAt: one },
        { ...candidates(ann, bob, 1, ["c2"]), keptAt: other }
      )
      assert.isUndefined(linkBetween(offered.state, ann, bob)?.early)
      offered.after.when(sends(ann, ["c1", "c2"])).changesNothing()
      given(annTalksToBob, negotiated).when(sends(ann, ["c1"], { negotiation: 2 })).yields(kept(ann, bob, 2, ["c1"]))
    })

    it("ahead of their own answer are stored, also of a callee who is still invited", () => {
      for (const history of [annTalksToBob, annCallsBob]) {
        const early = given(history, offer(ann, bob)).when(sends(bob, ["c1"], { endOfCandidates: true })).yields(
          { ...kept(bob, ann, 1, ["c1"]), endOfCandidates: true }
        )
        assert.deepStrictEqual(early.after.when(answers(bob)).events.at(-1), {
          ...candidates(bob, ann, 1, ["c1"]),
          endOfCandidates: true,
          keptAt: early.state.seq
        })
      }
      given(annCallsBob).when(sends(bob, ["c1"])).refuses(new NotInCall())
    })

    it("of a device that did not answer are dropped", () => {
      const early = given(annCallsBob, offer(ann, bob)).when(sends(bob, ["c1"], onLaptop(bob))).after
      const answered = early.when(answers(bob)).yields(accepted(bob, { reportsMedia: false }), answer(bob, ann))
      assert.isUndefined(linkBetween(answered.state, ann, bob)?.early)
    })

    it("of a losing offer are dropped, and none are stored ahead of an offer that is up to the other side", () => {
      const early = given(annTalksToBob, negotiated).when(sends(bob, ["c1"], { negotiation: 2 })).after
      assert.isUndefined(
        linkBetween(early.when(offers(ann, "offer-2")).yields(offer(ann, bob, 2)).state, ann, bob)?.early
      )
      given(annTalksToBob).when(sends(bob, ["c1"])).refuses(new NotOfferer({ offerer: ann }))
    })

    it("that wait count towards the 512", () => {
      const many = Array.from({ length: 512 }, (_, index) => `c${index}`)
      given(annTalksToBob).when(sends(ann, many)).after.when(sends(ann, ["one more"])).refuses(
        new TooManyCandidates({ limit: 512 })
      )
    })

    it("that wait are deleted with the link", () => {
      const early = given(annBobAndCid).when(sends(cid, ["c1"], { to: ann })).after
      const gone = early.and(left(cid, "hangup")).state
      assert.isUndefined(linkBetween(gone, ann, cid)?.early)
    })

    it("are limited to 512 on a link in one negotiation", () => {
      const many = Array.from({ length: 512 }, (_, index) => `c${index}`)
      const full = given(annTalksToBob, negotiated, candidates(ann, bob, 1, many))
      full.when(sends(bob, ["one more"])).refuses(new TooManyCandidates({ limit: 512 }))
      full.when(sends(bob, ["c7"])).changesNothing()
      full.and(offer(ann, bob, 2)).when(sends(ann, ["one more"])).yields(candidates(ann, bob, 2, ["one more"]))
    })
  })

  describe("transport", () => {
    const checking = given(annTalksToBob, wait(2), negotiated)

    it("is up when either side reports it, and both users have joined then", () => {
      for (const user of [ann, bob]) {
        const up = checking.when(reports(user, "up")).yields(linkUp(ann, bob))
        assert.deepStrictEqual(link(up.state), ["stable", "up"])
        assert.strictEqual(participation(up.state, ann)?.state, "joined")
        assert.strictEqual(participation(up.state, bob)?.state, "joined")
        assert.deepStrictEqual(up.state.mediaConnectedAt, atSecond(12))
        up.after.when(reports(ann, "up")).changesNothing()
        up.after.when(reports(bob, "up")).changesNothing()
      }
    })

    it("keeps the time of the first media", () => {
      const again = given(annSeesBob, linkEvent("LinkDown", ann, bob), wait(5)).when(reports(ann, "up"))
      assert.deepStrictEqual(again.yields(linkUp(ann, bob)).state.mediaConnectedAt, atSecond(12))
    })

    it("is down when either side reports it, if it was up", () => {
      for (const user of [ann, bob]) {
        const down = given(annSeesBob).when(reports(user, "down")).yields(linkEvent("LinkDown", ann, bob))
        assert.deepStrictEqual(link(down.state), ["stable", "down"])
        down.after.when(reports(user, "down")).changesNothing()
      }
      checking.when(reports(ann, "down")).changesNothing()
    })

    it("can be up again after a failure", () => {
      given(annBobAndCid, offer(bob, ann), answer(ann, bob), linkEvent("LinkFailed", ann, bob))
        .when(reports(ann, "up", bob)).yields(linkUp(ann, bob))
    })

    it("requires a negotiated link between active users", () => {
      given(annTalksToBob).when(reports(ann, "up")).refuses(new NotConnected())
      given(annTalksToBob, offer(ann, bob)).when(reports(ann, "up")).refuses(new NotConnected())
      given(annCallsBob, offer(ann, bob)).when(reports(ann, "up")).refuses(new NotInCall())
      given(annBobAndCid, offer(cid, ann), answer(ann, cid), left(cid, "hangup")).when(reports(ann, "up", cid))
        .refuses(new NotInCall())
    })

    it("requires a new negotiation after a reload of a client", () => {
      given(annSeesBob, reconnecting(bob), resumed(bob, true)).when(reports(ann, "up")).refuses(new NotConnected())
    })
  })

  describe("a reloaded client", () => {
    const reloaded = given(annSeesBob, reconnecting(bob), resumed(bob, true))

    it("makes the next offer, with the next number", () => {
      reloaded.when(offers(ann, "offer-2")).refuses(new NotOfferer({ offerer: bob }))
      reloaded.when(offers(bob, "offer-2")).yields(offer(bob, ann, 2))
    })

    it("gets no candidates from before", () => {
      reloaded.when(sends(ann, ["late"], { negotiation: 1 })).changesNothing()
      reloaded.and(offer(bob, ann, 2)).when(sends(ann, ["late"], { negotiation: 1 })).changesNothing()
    })

    it("does not evade the limit of offers", () => {
      const rounds = [1, 2, 3, 4, 5].flatMap((n) => [offer(ann, bob, n), answer(bob, ann, n)])
      given(annTalksToBob, rounds, reconnecting(bob), resumed(bob, true)).when(offers(bob, "offer-6")).refuses(
        new TooManyOffers({ retryAt: atSecond(70) })
      )
    })
  })

  it("reopens the link of a pair when one of them returns, with the next number", () => {
    const back = given(
      annBobAndCid,
      offer(bob, ann),
      answer(ann, bob),
      left(bob, "hangup"),
      acceptedAmong(bob, ann, cid)
    )
    assert.deepStrictEqual(link(back.state), ["stable", "new"])
    back.when(offers(bob, "offer-2", { to: ann })).yields(offer(bob, ann, 2))
    back.when(offers(ann, "offer-2", { to: bob })).refuses(new NotOfferer({ offerer: bob }))
  })

  it("opens the link of a direct call with the call, and the links of a group with each newcomer", () => {
    assert.deepStrictEqual(link(given(annCallsBob).state), ["stable", "new"])
    assert.lengthOf(given(annCallsGroup(bob, cid)).state.links, 0)
    assert.lengthOf(given(annCallsGroup(bob, cid), acceptedAmong(bob, ann)).state.links, 1)
    assert.lengthOf(given(annBobAndCid).state.links, 3)
  })
})
