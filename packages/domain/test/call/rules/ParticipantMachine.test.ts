import {
  AnsweredElsewhere,
  type CallCommandOf,
  CallFull,
  defaultTimeouts,
  InAnotherCall,
  InviteeBusy,
  NoOpenOffer,
  NotConnected,
  NotHost,
  NotInCall,
  NotPending,
  participation,
  type ParticipationState,
  WrongDevice
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { atSecond, given, type History, recordsOf, wait } from "../support/given.ts"
import {
  accepted,
  acceptedAmong,
  annBobAndCid,
  annCallsBob,
  annCallsGroup,
  annSeesBob,
  annTalksToBob,
  answer,
  ended,
  groupInitiated,
  initiated,
  invited,
  left,
  limits,
  linkUp,
  offer,
  onLaptop,
  onPhone,
  reconnecting,
  resumed,
  ringing
} from "../support/history.ts"
import { ann, anotherCall, bob, cid, dee, laptop, phone } from "../support/people.ts"

const invite = (by: UserId, userId: UserId, facts: Partial<CallCommandOf<"Invite">["callee"]> = {}) =>
  ({ _tag: "Invite", ...onPhone(by), callee: { userId, busy: false, blocked: false, ...facts } }) as const

const join = (by: UserId, facts: Partial<CallCommandOf<"Join">> = {}) =>
  ({ _tag: "Join", ...onPhone(by), reportsMedia: true, granted: false, ...facts }) as const

const accept = (by: UserId) => ({ _tag: "Accept", ...onPhone(by), reportsMedia: true }) as const

describe("ParticipantMachine", () => {
  describe("ringing", () => {
    it("is announced once, whatever the number of devices", () => {
      const rung = given(annCallsBob).when({ _tag: "Alert", ...onPhone(bob) }).yields(ringing(bob))
      assert.strictEqual(rung.state.phase, "ringing")
      rung.after.when({ _tag: "Alert", ...onLaptop(bob) }).changesNothing()
    })

    it("of a second callee does not change a ringing or answered call", () => {
      const phaseAfter = (...history: History) =>
        given(...history).when({ _tag: "Alert", ...onPhone(cid) }).yields(ringing(cid)).state.phase
      assert.strictEqual(phaseAfter(annCallsGroup(bob, cid), ringing(bob)), "ringing")
      assert.strictEqual(phaseAfter(annCallsGroup(bob, cid), acceptedAmong(bob, ann)), "connected")
    })

    it("changes nothing for a user who is not invited, or not any more", () => {
      for (const user of [ann, bob, dee]) {
        given(annTalksToBob).when({ _tag: "Alert", ...onPhone(user) }).changesNothing()
      }
      given(annBobAndCid, left(cid, "hangup")).when({ _tag: "Alert", ...onPhone(cid) }).changesNothing()
    })
  })

  describe("accepting", () => {
    it("connects the call and binds the device", () => {
      const answered = given(annCallsBob, wait(7)).when(accept(bob)).yields(accepted(bob))
      assert.strictEqual(answered.state.phase, "connected")
      assert.deepStrictEqual(answered.state.answeredAt, atSecond(7))
      assert.strictEqual(participation(answered.state, bob)?.device, phone)
    })

    it("opens links to all active users of a group, which the newcomer offers", () => {
      given(annCallsGroup(bob, cid), acceptedAmong(bob, ann)).when(accept(cid)).yields(acceptedAmong(cid, ann, bob))
    })

    it("succeeds without a change on the same device, and is answered elsewhere on another one", () => {
      given(annTalksToBob).when(accept(bob)).changesNothing()
      given(annTalksToBob).when({ _tag: "Accept", ...onLaptop(bob) }).refuses(new AnsweredElsewhere())
    })

    it("is refused to a user who is active in another call", () => {
      given(annCallsBob).when({ ...accept(bob), activeIn: anotherCall }).refuses(
        new InAnotherCall({ callId: anotherCall })
      )
    })

    it("is refused to a user who was not invited, or is not any more", () => {
      given(annCallsBob).when(accept(dee)).refuses(new NotInCall())
      given(annBobAndCid, left(cid, "hangup")).when(accept(cid)).refuses(new NotPending())
    })

    it("requires no device, and binds the first device that sends a command", () => {
      const answered = given(annCallsBob).when({ _tag: "Accept", by: bob })
      assert.isUndefined(participation(answered.state, bob)?.device)
      const bound = answered.after.when({ _tag: "ChangeMedia", ...onLaptop(bob), changes: { audio: true } }).yields(
        { _tag: "DeviceBound", userId: bob, device: laptop },
        { _tag: "MediaChanged", userId: bob, changes: { audio: true } }
      )
      bound.after.when({ _tag: "Leave", ...onPhone(bob) }).refuses(new WrongDevice())
      bound.after.when({ _tag: "Leave", by: bob }).yields(left(bob, "hangup"), ended("hangup"))
    })
  })

  describe("answering with a description", () => {
    const answering = { _tag: "Answer", ...onPhone(bob), reportsMedia: true, digest: "answer-1" } as const

    it("also accepts the call", () => {
      const answered = given(annCallsBob, offer(ann, bob)).when(answering).yields(accepted(bob), answer(bob, ann))
      assert.strictEqual(answered.state.links[0]?.signalling, "stable")
      answered.after.when(answering).changesNothing()
    })

    it("accepts nothing without an open offer with that number", () => {
      given(annCallsBob).when(answering).refuses(new NoOpenOffer())
      given(annCallsBob, offer(ann, bob)).when({ ...answering, negotiation: 2 }).refuses(new NoOpenOffer())
      given(annCallsBob, offer(ann, bob)).when({ ...answering, to: cid }).refuses(new NoOpenOffer())
    })

    it("accepts nothing in a group, where invited users get no offers", () => {
      given(annCallsGroup(bob, cid)).when({ ...answering, to: ann }).refuses(new NoOpenOffer())
      given(annCallsGroup(bob, cid)).when(answering).refuses(new NoOpenOffer())
    })

    it("accepts nothing for a user who is active in another call", () => {
      given(annCallsBob, offer(ann, bob)).when({ ...answering, activeIn: anotherCall }).refuses(
        new InAnotherCall({ callId: anotherCall })
      )
    })
  })

  describe("declining", () => {
    it("takes the user out for the given reason", () => {
      for (const reason of ["declined", "busy"] as const) {
        given(annCallsBob, ringing(bob)).when({ _tag: "Decline", ...onLaptop(bob), reason }).yields(
          { _tag: "Left", userId: bob, reason, device: laptop },
          ended(reason)
        )
      }
    })

    it("changes nothing once another device has answered", () => {
      given(annTalksToBob).when({ _tag: "Decline", ...onLaptop(bob), reason: "declined" }).changesNothing()
    })

    it("changes nothing for a user who was not invited", () => {
      given(annCallsBob).when({ _tag: "Decline", ...onPhone(dee), reason: "declined" }).changesNothing()
    })

    it("is the effect of leaving for an invited user", () => {
      given(annCallsGroup(bob, cid)).when({ _tag: "Leave", ...onPhone(bob) }).yields(
        { _tag: "Left", userId: bob, reason: "declined", device: phone }
      )
    })
  })

  describe("inviting", () => {
    it("turns a direct call into a group call permanently", () => {
      const grown = given(annTalksToBob).when(invite(bob, cid)).yields(
        invited(cid, { by: bob, kind: "group", ringUntil: atSecond(70) })
      )
      assert.strictEqual(grown.state.kind, "group")
      const shrunk = grown.after.when({ _tag: "Decline", ...onPhone(cid), reason: "declined" })
      assert.strictEqual(shrunk.state.kind, "group")
      assert.strictEqual(shrunk.state.phase, "connected")
    })

    it("keeps the link of the two users who were connected already", () => {
      const before = given(annSeesBob)
      assert.deepStrictEqual(before.when(invite(bob, cid)).state.links, before.state.links)
    })

    it("is allowed to active users of an answered call", () => {
      given(annCallsGroup(bob, cid)).when(invite(ann, dee)).refuses(new NotConnected())
      given(annCallsGroup(bob, cid)).when(invite(bob, dee)).refuses(new NotInCall())
      given(annTalksToBob).when(invite(dee, cid)).refuses(new NotInCall())
      given(annTalksToBob).when({ ...invite(ann, cid), ...onLaptop(ann) }).refuses(new WrongDevice())
    })

    it("changes nothing for a user who is active or invited already", () => {
      given(annTalksToBob).when(invite(ann, bob)).changesNothing()
      given(annCallsGroup(bob, cid), acceptedAmong(bob, ann)).when(invite(bob, cid)).changesNothing()
    })

    it("refuses a busy user, but reveals nothing about a user who blocked the caller", () => {
      given(annTalksToBob).when(invite(ann, cid, { busy: true })).refuses(new InviteeBusy({ userId: cid }))
      given(annTalksToBob).when(invite(ann, cid, { busy: true, blocked: true })).yields(
        invited(cid, { kind: "group", ringUntil: atSecond(70), suppressed: true })
      )
    })

    it("counts invited users towards the limit", () => {
      const three = [groupInitiated({ limits: limits({ people: 3 }) }), invited(bob, { kind: "group" })]
      const full = given(three, acceptedAmong(bob, ann)).when(invite(ann, cid)).after
      full.when(invite(ann, dee)).refuses(new CallFull({ limit: 3 }))
      full.and(left(cid, "declined")).when(invite(ann, dee)).yields(invited(dee, { kind: "group" }))
    })

    it("invites a user again who has left, as a new presence", () => {
      const again = given(annBobAndCid, ringing(cid), left(cid, "hangup")).when(invite(ann, cid))
      const person = participation(again.state, cid)
      assert.strictEqual(person?.state, "invited")
      assert.strictEqual(person?.ordinal, 2)
      assert.isFalse(person?.alerted)
      assert.isUndefined(person?.device)
    })
  })

  describe("joining another call while this one rings", () => {
    const findBusy = (userId: UserId, facts: Partial<CallCommandOf<"FindBusy">> = {}) =>
      ({ _tag: "FindBusy", userId, activeIn: anotherCall, ...facts }) as const

    it("ends the ringing as busy, and also the call if no other user is invited", () => {
      given(annCallsBob, ringing(bob)).when(findBusy(bob)).yields(left(bob, "busy"), ended("busy"))
      given(annCallsGroup(bob, cid)).when(findBusy(bob)).yields(left(bob, "busy"))
    })

    it("changes nothing for a user who is free or not invited", () => {
      given(annCallsBob).when({ _tag: "FindBusy", userId: bob }).changesNothing()
      given(annCallsBob).when(findBusy(bob, { activeIn: given(annCallsBob).state.id })).changesNothing()
      given(annTalksToBob).when(findBusy(bob)).changesNothing()
      given(annCallsBob, left(bob, "declined"), ended("declined")).when(findBusy(bob)).changesNothing()
    })
  })

  describe("joining", () => {
    it("accepts the invitation of an invited user", () => {
      given(annCallsGroup(bob, cid)).when(join(bob)).yields(acceptedAmong(bob, ann))
      given(annCallsGroup(bob, cid), ringing(bob)).when(join(bob)).yields(acceptedAmong(bob, ann))
    })

    it("is possible again after leaving, as a new presence with new links", () => {
      const back = given(annBobAndCid, left(bob, "hangup")).when(join(bob)).yields(acceptedAmong(bob, ann, cid))
      assert.strictEqual(participation(back.state, bob)?.ordinal, 2)
      assert.strictEqual(participation(back.state, bob)?.state, "joining")
    })

    it("is possible after declining, while other users are still ringing", () => {
      given(annCallsGroup(bob, cid), ringing(cid), left(bob, "declined")).when(join(bob)).yields(
        acceptedAmong(bob, ann)
      )
    })

    it("is refused to a stranger and to a user who was kicked, unless the policy grants it", () => {
      const kicked = given(annBobAndCid, left(cid, "kicked", ann))
      given(annBobAndCid).when(join(dee)).refuses(new NotInCall())
      given(annBobAndCid).when(join(dee, { granted: true })).yields(acceptedAmong(dee, ann, bob, cid))
      kicked.when(join(cid)).refuses(new NotInCall())
      kicked.when(join(cid, { granted: true })).yields(acceptedAmong(cid, ann, bob))
    })

    it("succeeds without a change on the same device, and is answered elsewhere on another one", () => {
      given(annBobAndCid).when(join(bob)).changesNothing()
      given(annBobAndCid).when(join(bob, onLaptop(bob))).refuses(new AnsweredElsewhere())
    })

    it("is possible in groups that are ringing or connected", () => {
      given(annTalksToBob).when(join(dee, { granted: true })).refuses(new NotInCall())
      given(annCallsGroup(bob, cid)).when(join(dee, { granted: true })).refuses(new NotConnected())
    })

    it("requires room", () => {
      const two = [groupInitiated({ limits: limits({ people: 2 }) }), invited(bob, { kind: "group" })]
      given(two, acceptedAmong(bob, ann)).when(join(dee, { granted: true })).refuses(new CallFull({ limit: 2 }))
    })

    it("is refused to a user who is active in another call", () => {
      given(annBobAndCid).when(join(dee, { granted: true, activeIn: anotherCall })).refuses(
        new InAnotherCall({ callId: anotherCall })
      )
    })
  })

  describe("leaving", () => {
    it("is final, and closes the links of the user", () => {
      const gone = given(annBobAndCid, wait(5)).when({ _tag: "Leave", ...onPhone(bob) }).yields(left(bob, "hangup"))
      const person = participation(gone.state, bob)
      assert.strictEqual(person?.state, "left")
      assert.deepStrictEqual(person?.leftAt, atSecond(15))
      assert.deepStrictEqual(gone.state.links.map(({ transport }) => transport), ["closed", "new", "closed"])
      gone.after.when({ _tag: "Leave", ...onPhone(bob) }).changesNothing()
    })

    it("is allowed on the bound device only", () => {
      given(annBobAndCid).when({ _tag: "Leave", ...onLaptop(bob) }).refuses(new WrongDevice())
    })
  })

  describe("kicking", () => {
    const kick = (by: UserId, userId: UserId) => ({ _tag: "Kick", ...onPhone(by), userId }) as const

    it("is allowed to the host of a group, for active and invited users", () => {
      given(annBobAndCid).when(kick(ann, bob)).yields(left(bob, "kicked", ann))
      given(annCallsGroup(bob, cid)).when(kick(ann, bob)).yields(left(bob, "kicked", ann))
      given(annBobAndCid).when(kick(bob, cid)).refuses(new NotHost())
      given(annBobAndCid, left(ann, "hangup")).when(kick(bob, cid)).yields(left(cid, "kicked", bob))
    })

    it("is refused in direct calls", () => {
      given(annTalksToBob).when(kick(ann, bob)).refuses(new NotHost())
    })

    it("changes nothing for a user who is not in the call", () => {
      given(annBobAndCid, left(cid, "hangup")).when(kick(ann, cid)).changesNothing()
      given(annBobAndCid).when(kick(ann, dee)).changesNothing()
    })

    it("ends an unanswered call if no other user is invited", () => {
      given(annCallsGroup(bob)).when(kick(ann, bob)).yields(left(bob, "kicked", ann), ended("cancelled"))
    })

    it("has a lasting effect: only the host may invite a kicked user again", () => {
      const kicked = given(annBobAndCid, left(cid, "kicked", ann))
      kicked.when(invite(bob, cid)).refuses(new NotHost())
      const again = kicked.when(invite(ann, cid)).yields(invited(cid, { kind: "group", ringUntil: atSecond(70) }))
      again.after.when(join(cid)).yields(acceptedAmong(cid, ann, bob))
      kicked.and(left(ann, "hangup")).when(invite(bob, cid)).yields(
        invited(cid, { by: bob, kind: "group", ringUntil: atSecond(70) })
      )
    })

    it("hangs up if the host names their own id", () => {
      given(annBobAndCid).when(kick(ann, ann)).yields(left(ann, "hangup"))
    })
  })

  describe("losing the connection", () => {
    it("is announced for active users, once", () => {
      const lost = given(annTalksToBob).when({ _tag: "LeaseLost", userId: bob }).yields(reconnecting(bob))
      assert.strictEqual(participation(lost.state, bob)?.state, "reconnecting")
      lost.after.when({ _tag: "LeaseLost", userId: bob }).changesNothing()
    })

    it("changes nothing for a user who is not in the call", () => {
      given(annCallsBob).when({ _tag: "LeaseLost", userId: bob }).changesNothing()
      given(annBobAndCid, left(bob, "hangup")).when({ _tag: "LeaseLost", userId: bob }).changesNothing()
      given(annCallsBob).when({ _tag: "LeaseLost", userId: dee }).changesNothing()
    })

    it("ends when the device resumes, and restores the former state", () => {
      const states = (...history: History) =>
        participation(
          given(...history, reconnecting(bob)).when({ _tag: "Resume", ...onPhone(bob), fresh: false })
            .yields(resumed(bob)).state,
          bob
        )?.state
      assert.strictEqual(states(annTalksToBob), "joining")
      assert.strictEqual(states(annSeesBob), "joined")
    })

    it("does not prevent media from moving the user to joined", () => {
      const up = given(annTalksToBob, offer(ann, bob), answer(bob, ann), reconnecting(bob)).when({
        _tag: "ReportLink",
        ...onPhone(ann),
        state: "up"
      })
      assert.strictEqual(participation(up.state, bob)?.state, "reconnecting")
      assert.strictEqual(participation(up.after.and(resumed(bob)).state, bob)?.state, "joined")
    })

    it("does not end for another device, nor for a user who is not in the call", () => {
      given(annTalksToBob, reconnecting(bob)).when({ _tag: "Resume", ...onLaptop(bob), fresh: false }).refuses(
        new WrongDevice()
      )
      given(annCallsBob).when({ _tag: "Resume", ...onPhone(bob), fresh: false }).refuses(new NotInCall())
    })

    it("may go unnoticed before the device resumes", () => {
      given(annTalksToBob).when({ _tag: "Resume", ...onPhone(bob), fresh: false }).changesNothing()
      given(annTalksToBob).when({ _tag: "Resume", ...onPhone(bob), fresh: true }).changesNothing()
    })

    it("resets all links of a reloaded client, which makes the offers", () => {
      const talking = given(
        annBobAndCid,
        offer(bob, ann),
        answer(ann, bob),
        linkUp(ann, bob),
        offer(cid, bob),
        offer(cid, ann),
        reconnecting(bob)
      )
      const back = talking.when({ _tag: "Resume", ...onPhone(bob), fresh: true }).yields(resumed(bob, true))
      const [annBob, annCid, bobCid] = back.state.links
      for (const link of [annBob, bobCid]) {
        assert.strictEqual(link?.transport, "new")
        assert.strictEqual(link?.signalling, "stable")
        assert.strictEqual(link?.offerer, bob)
        assert.isFalse(link?.answered)
        assert.strictEqual(link?.negotiation, 1)
      }
      assert.strictEqual(annCid?.signalling, "offering")
      assert.strictEqual(participation(back.state, bob)?.state, "joined")
    })
  })

  describe("media", () => {
    const change = (changes: CallCommandOf<"ChangeMedia">["changes"]) =>
      ({ _tag: "ChangeMedia", ...onPhone(bob), changes }) as const

    it("is announced if it changes", () => {
      const speaking = given(annTalksToBob).when(change({ audio: true, video: false })).yields(
        { _tag: "MediaChanged", userId: bob, changes: { audio: true } }
      )
      speaking.after.when(change({ audio: true })).changesNothing()
      const held = speaking.after.when(change({ audio: false, screen: true, hold: true })).state
      assert.deepStrictEqual(participation(held, bob)?.media, {
        audio: false,
        video: false,
        screen: true,
        hold: true
      })
    })

    it("can be changed by active users on their own device", () => {
      given(annCallsBob).when(change({ audio: true })).refuses(new NotInCall())
      given(annTalksToBob).when({ ...change({ audio: true }), ...onLaptop(bob) }).refuses(new WrongDevice())
      given(annCallsBob).when({ ...change({ audio: true }), ...onPhone(ann) }).yields(
        { _tag: "MediaChanged", userId: ann, changes: { audio: true } }
      )
    })
  })

  describe("a suppressed invitation", () => {
    const suppressed = [initiated(), invited(bob, { suppressed: true })]

    it("ends like an invitation to a user who is offline", () => {
      given(suppressed, wait(defaultTimeouts.ring)).when({ _tag: "Tick" }).yields(
        left(bob, "unreachable"),
        ended("unreachable")
      )
      given(annCallsBob, wait(defaultTimeouts.ring)).when({ _tag: "Tick" }).yields(
        left(bob, "unreachable"),
        ended("unreachable")
      )
    })

    it("causes no event that the callee sees", () => {
      const over = given(suppressed, offer(ann, bob), wait(60)).when({ _tag: "Tick" })
      for (const { audience } of recordsOf(over.after)) assert.notProperty(audience, bob)
    })
  })

  it("moves a presence through its states", () => {
    const states: ReadonlyArray<readonly [ParticipationState, ...History]> = [
      ["invited", annCallsBob],
      ["ringing", annCallsBob, ringing(bob)],
      ["joining", annTalksToBob],
      ["joining", annTalksToBob, offer(ann, bob), answer(bob, ann)],
      ["joined", annSeesBob],
      ["reconnecting", annSeesBob, reconnecting(bob)],
      ["joined", annSeesBob, reconnecting(bob), resumed(bob)],
      ["left", annSeesBob, left(bob, "hangup")],
      ["left", annSeesBob, ended("ended_by_admin")]
    ]
    for (const [state, ...history] of states) {
      assert.strictEqual(participation(given(...history).state, bob)?.state, state)
    }
    assert.strictEqual(participation(given(annCallsBob).state, ann)?.state, "joining")
    assert.strictEqual(participation(given(annSeesBob).state, ann)?.state, "joined")
  })
})
