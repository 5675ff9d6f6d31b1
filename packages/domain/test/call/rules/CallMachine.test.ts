import {
  type CallCommand,
  type CallCommandOf,
  CallFull,
  CallOver,
  durationSeconds,
  hostOf,
  InAnotherCall,
  NotConnected,
  NotEntitled,
  NotHost,
  NotInCall,
  UnknownParticipant,
  WrongDevice
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { atSecond, given, wait } from "../support/given.ts"
import {
  accepted,
  acceptedAmong,
  annBobAndCid,
  annCallsBob,
  annCallsGroup,
  annSeesBob,
  annTalksToBob,
  ended,
  groupInitiated,
  initiated,
  invited,
  left,
  limits,
  onLaptop,
  onPhone,
  reconnecting,
  ringing
} from "../support/history.ts"
import { ann, anotherCall, bob, cid, dee, laptop, phone, team, thisCall } from "../support/people.ts"

type Callee = CallCommandOf<"Initiate">["callees"][number]

const callee = (userId: UserId, facts: Partial<Callee> = {}): Callee => ({
  userId,
  busy: false,
  blocked: false,
  ...facts
})

const initiate = (
  callees: CallCommandOf<"Initiate">["callees"],
  overrides: Partial<CallCommandOf<"Initiate">> = {}
): CallCommandOf<"Initiate"> => ({
  _tag: "Initiate",
  callId: thisCall,
  ...onPhone(ann),
  reportsMedia: true,
  callees,
  callType: "video",
  limits: limits(),
  ...overrides
})

describe("CallMachine", () => {
  describe("placing a call", () => {
    it("invites one callee into a direct call", () => {
      const placed = given().when(initiate([callee(bob)])).yields(initiated(), invited(bob))
      assert.strictEqual(placed.state.phase, "initiated")
      assert.strictEqual(placed.state.kind, "direct")
    })

    it("invites several callees into a group call", () => {
      given().when(initiate([callee(bob), callee(cid)], { groupId: team })).yields(
        groupInitiated(),
        invited(bob, { kind: "group" }),
        invited(cid, { kind: "group" })
      )
    })

    it("is a group call with one callee when it belongs to a group", () => {
      assert.strictEqual(given().when(initiate([callee(bob)], { groupId: team })).state.kind, "group")
    })

    it("is a group call with several callees even when it belongs to no group", () => {
      assert.strictEqual(given().when(initiate([callee(bob), callee(cid)])).state.kind, "group")
    })

    it("rings each callee for the time of the limits", () => {
      const limited = limits({ timeouts: { ring: 25 } })
      given().when(initiate([callee(bob)], { limits: limited })).yields(
        initiated({ limits: limited }),
        invited(bob, { ringUntil: atSecond(25) })
      )
    })

    it("leaves out busy callees", () => {
      given().when(initiate([callee(bob, { busy: true }), callee(cid)], { groupId: team })).yields(
        groupInitiated(),
        invited(cid, { kind: "group" }),
        left(bob, "busy")
      )
    })

    it("ends the call at once if every callee is busy", () => {
      const placed = given().when(initiate([callee(bob, { busy: true })])).yields(
        initiated(),
        left(bob, "busy"),
        ended("busy")
      )
      assert.strictEqual(placed.state.phase, "disconnected")
      assert.strictEqual(durationSeconds(placed.state), 0)
    })

    it("invites a blocked callee visibly for the caller only, busy or not", () => {
      for (const busy of [true, false]) {
        given().when(initiate([callee(bob, { blocked: true, busy })])).yields(
          initiated(),
          invited(bob, { suppressed: true })
        )
      }
    })

    it("refuses the caller as callee", () => {
      given().when(initiate([callee(ann)])).refuses(new UnknownParticipant({ userIds: [ann] }))
    })

    it("refuses a callee who is named twice", () => {
      given().when(initiate([callee(bob), callee(cid), callee(bob)])).refuses(
        new UnknownParticipant({ userIds: [bob] })
      )
    })

    it("refuses more users than the limit, which counts the caller", () => {
      const small = { limits: limits({ people: 2 }) }
      assert.lengthOf(given().when(initiate([callee(bob)], small)).events, 2)
      given().when(initiate([callee(bob), callee(cid)], small)).refuses(new CallFull({ limit: 2 }))
    })

    it("refuses a caller who is active in another call", () => {
      given().when(initiate([callee(bob)], { activeIn: anotherCall })).refuses(
        new InAnotherCall({ callId: anotherCall })
      )
    })

    it("precedes all other commands, which change nothing before", () => {
      given().when({ _tag: "Accept", ...onPhone(bob) }).changesNothing()
    })
  })

  describe("two users calling each other", () => {
    const bobCallsAnn = initiate([callee(ann)], { by: bob, callId: anotherCall, callType: "audio" })

    it("creates one answered call, which keeps its type and its offerer", () => {
      const merged = given(annCallsBob).when(bobCallsAnn).yields({ _tag: "GlareMerged", by: bob }, accepted(bob))
      assert.strictEqual(merged.state.phase, "connected")
      assert.strictEqual(merged.state.type, "video")
      assert.strictEqual(merged.state.links[0]?.offerer, ann)
    })

    it("also happens after the callee was alerted, and on the device that called", () => {
      given(annCallsBob, ringing(bob)).when({ ...bobCallsAnn, ...onLaptop(bob) }).yields(
        { _tag: "GlareMerged", by: bob },
        accepted(bob, { device: laptop })
      )
    })

    it("is refused if the later caller is active in another call", () => {
      given(annCallsBob).when({ ...bobCallsAnn, activeIn: anotherCall }).refuses(
        new InAnotherCall({ callId: anotherCall })
      )
    })

    it("does not happen for a call to another user, to more users, or of a group", () => {
      const inThisCall = new InAnotherCall({ callId: thisCall })
      given(annCallsBob).when({ ...bobCallsAnn, callees: [callee(cid)] }).refuses(inThisCall)
      given(annCallsBob).when({ ...bobCallsAnn, callees: [callee(ann), callee(cid)] }).refuses(inThisCall)
      given(annCallsBob).when({ ...bobCallsAnn, groupId: team }).refuses(inThisCall)
      given(annCallsGroup(bob, cid)).when(bobCallsAnn).refuses(inThisCall)
    })

    it("does not happen if the call was answered, or if the call has the same direction", () => {
      const inThisCall = new InAnotherCall({ callId: thisCall })
      given(annTalksToBob).when(bobCallsAnn).refuses(inThisCall)
      given(annCallsBob).when(initiate([callee(bob)])).refuses(inThisCall)
    })

    it("is refused if the earlier call is over", () => {
      given(annCallsBob, ended("cancelled", ann)).when(bobCallsAnn).refuses(new CallOver())
    })
  })

  describe("a call before its answer", () => {
    it("is cancelled if its initiator leaves or ends it", () => {
      for (const _tag of ["Leave", "End"] as const) {
        const over = given(annCallsBob, ringing(bob)).when({ _tag, ...onPhone(ann) }).yields(ended("cancelled", ann))
        assert.strictEqual(over.state.participants[0]?.leftReason, "cancelled")
        assert.strictEqual(over.state.participants[1]?.leftReason, "cancelled")
      }
    })

    it("is declined if a pending callee leaves or ends it", () => {
      for (const _tag of ["Leave", "End"] as const) {
        given(annCallsBob).when({ _tag, ...onPhone(bob) }).yields(
          { _tag: "Left", userId: bob, reason: "declined", device: phone },
          ended("declined")
        )
      }
    })

    it("cannot be cancelled from another device of the initiator", () => {
      given(annCallsBob).when({ _tag: "Leave", ...onLaptop(ann) }).refuses(new WrongDevice())
    })
  })

  describe("an answered call", () => {
    it("is connected since the answer, and has media later", () => {
      const call = given(annSeesBob).state
      assert.strictEqual(call.phase, "connected")
      assert.deepStrictEqual(call.answeredAt, atSecond(10))
      assert.deepStrictEqual(call.mediaConnectedAt, atSecond(12))
    })

    it("ends as a direct call when one user hangs up, and counts the seconds since the answer", () => {
      for (const user of [ann, bob]) {
        const over = given(annSeesBob, wait(30)).when({ _tag: "Leave", ...onPhone(user) }).yields(
          left(user, "hangup"),
          ended("hangup")
        )
        assert.strictEqual(durationSeconds(over.state), 32)
      }
    })

    it("continues as a group call when its initiator leaves", () => {
      const after = given(annBobAndCid).when({ _tag: "Leave", ...onPhone(ann) }).yields(left(ann, "hangup"))
      assert.strictEqual(after.state.phase, "connected")
    })
  })

  describe("ending a call for all users", () => {
    it("is allowed to the host of a group call", () => {
      const over = given(annBobAndCid).when({ _tag: "End", ...onPhone(ann) }).yields(ended("ended_by_host", ann))
      assert.deepStrictEqual(over.state.participants.map(({ leftReason }) => leftReason), [
        "ended_by_host",
        "ended_by_host",
        "ended_by_host"
      ])
      given(annBobAndCid).when({ _tag: "End", ...onPhone(bob) }).refuses(new NotHost())
    })

    it("is possible before an answer, and cancels pending invitations", () => {
      const over = given(annCallsGroup(bob, cid)).when({ _tag: "End", ...onPhone(ann) })
      assert.strictEqual(over.yields(ended("ended_by_host", ann)).state.participants[1]?.leftReason, "cancelled")
    })

    it("is allowed to the user who accepted first once the initiator has left", () => {
      const without = given(annBobAndCid, left(ann, "hangup"))
      assert.strictEqual(hostOf(without.state), bob)
      without.when({ _tag: "End", ...onPhone(cid) }).refuses(new NotHost())
      without.when({ _tag: "End", ...onPhone(bob) }).yields(ended("ended_by_host", bob))
    })

    it("is allowed to the initiator again who has rejoined", () => {
      assert.strictEqual(hostOf(given(annBobAndCid, left(ann, "hangup"), acceptedAmong(ann, bob, cid)).state), ann)
    })

    it("requires the host's own device", () => {
      given(annBobAndCid).when({ _tag: "End", ...onLaptop(ann) }).refuses(new WrongDevice())
    })

    it("hangs up in a direct call", () => {
      given(annTalksToBob).when({ _tag: "End", ...onPhone(bob) }).yields(left(bob, "hangup"), ended("hangup"))
    })

    it("is allowed to an administrator in any call", () => {
      given(annCallsBob).when({ _tag: "End" }).yields(ended("ended_by_admin"))
      given(annTalksToBob).when({ _tag: "End" }).yields(ended("ended_by_admin"))
      given(annBobAndCid).when({ _tag: "End" }).yields(ended("ended_by_admin"))
    })
  })

  describe("a call that a user has left", () => {
    it("ends for the strongest reason if no callee answered", () => {
      const rungOut = given(annCallsGroup(bob, cid), ringing(cid), wait(60)).when({ _tag: "Tick" })
      rungOut.yields(left(bob, "unreachable"), left(cid, "no_answer"), ended("no_answer"))

      const bobIsBusy = given(annCallsGroup(bob, cid), ringing(cid)).when({ _tag: "Decline", by: bob, reason: "busy" })
      bobIsBusy.after.and(wait(60)).when({ _tag: "Tick" }).yields(left(cid, "no_answer"), ended("busy"))

      const bobDeclines = given(annCallsGroup(bob, cid)).when({ _tag: "Decline", by: bob, reason: "declined" })
      bobDeclines.after.when({ _tag: "Decline", by: cid, reason: "busy" }).yields(left(cid, "busy"), ended("declined"))
      bobDeclines.after.and(wait(60)).when({ _tag: "Tick" }).yields(left(cid, "unreachable"), ended("declined"))
    })

    it("continues to ring while a callee is pending", () => {
      given(annCallsGroup(bob, cid)).when({ _tag: "Decline", by: bob, reason: "declined" }).yields(
        left(bob, "declined")
      )
    })

    it("continues if one callee answered and the others declined", () => {
      given(annCallsGroup(bob, cid), acceptedAmong(bob, ann)).when({ _tag: "Decline", by: cid, reason: "declined" })
        .yields(left(cid, "declined"))
    })

    it("ends as a group call when the last active user leaves, and cancels pending invitations", () => {
      const over = given(annCallsGroup(bob, cid), acceptedAmong(bob, ann), left(ann, "hangup"))
        .when({ _tag: "Leave", ...onPhone(bob) })
        .yields(left(bob, "hangup"), ended("empty"))
      assert.strictEqual(over.state.participants[2]?.leftReason, "cancelled")
    })

    it("continues as a group call with one waiting user", () => {
      const waiting = given(annBobAndCid, left(cid, "hangup")).when({ _tag: "Leave", ...onPhone(bob) })
      assert.strictEqual(waiting.yields(left(bob, "hangup")).state.phase, "connected")
    })
  })

  describe("recording", () => {
    const start = { _tag: "StartRecording", ...onPhone(bob) } as const

    const stop = (user: UserId) => ({ _tag: "StopRecording", ...onPhone(user) }) as const

    it("can be started by every active user, and stopped by its recorder", () => {
      const recorded = given(annTalksToBob).when(start).yields({ _tag: "RecordingStarted", by: bob })
      assert.deepStrictEqual(recorded.state.recorders, [{ by: bob, since: recorded.state.updatedAt }])
      recorded.after.when(start).changesNothing()
      recorded.after.when(stop(ann)).changesNothing()
      const stopped = recorded.after.when(stop(bob)).yields({ _tag: "RecordingStopped", by: bob })
      assert.notProperty(stopped.state, "recorders")
      stopped.after.when(stop(bob)).changesNothing()
    })

    it("continues for as long as one user records", () => {
      const both = given(annTalksToBob).when(start).after.and(wait(5)).when({ ...start, ...onPhone(ann) })
        .yields({ _tag: "RecordingStarted", by: ann })
      const [first, second] = both.state.recorders ?? []
      assert.deepStrictEqual([first?.by, second?.by], [bob, ann])
      const one = both.after.when(stop(bob)).yields({ _tag: "RecordingStopped", by: bob })
      assert.deepStrictEqual(one.state.recorders?.map((each) => each), [second])
      one.after.when(stop(ann)).yields({ _tag: "RecordingStopped", by: ann })
    })

    it("continues when one of two recorders leaves", () => {
      const both = given(
        annBobAndCid,
        { _tag: "RecordingStarted", by: bob },
        { _tag: "RecordingStarted", by: cid }
      )
      const rest = both.when({ _tag: "Leave", ...onPhone(bob) })
        .yields({ _tag: "RecordingStopped", by: bob }, left(bob, "hangup"))
      assert.deepStrictEqual(rest.state.recorders?.map(({ by }) => by), [cid])
    })

    it("requires an answered call", () => {
      given(annCallsBob).when({ _tag: "StartRecording", ...onPhone(ann) }).refuses(new NotConnected())
      given(annCallsBob).when(start).refuses(new NotInCall())
    })

    it("requires a plan that includes recording", () => {
      given(initiated({ limits: limits({ recording: false }) }), invited(bob), accepted(bob)).when(start).refuses(
        new NotEntitled({ feature: "recording" })
      )
    })

    it("is allowed by a plan that includes recording by now, and not by one that does not", () => {
      const talking = given(initiated({ limits: limits({ recording: false }) }), invited(bob), accepted(bob))
      const plan = { people: 8, callSeconds: 86_400, reason: "max_duration", recording: true } as const
      talking.when({ ...start, plan }).yields(
        { _tag: "LimitsRaised", limits: limits(), endsAt: atSecond(86_400) },
        { _tag: "RecordingStarted", by: bob }
      )
      talking.when({ ...start, plan: { ...plan, recording: false } }).refuses(new NotEntitled({ feature: "recording" }))
    })

    it("stops when the recorder leaves, for whatever reason", () => {
      const recorded = given(annBobAndCid, { _tag: "RecordingStarted", by: bob })
      const stopped = { _tag: "RecordingStopped", by: bob } as const
      recorded.when({ _tag: "Leave", ...onPhone(bob) }).yields(stopped, left(bob, "hangup"))
      recorded.when({ _tag: "Kick", ...onPhone(ann), userId: bob }).yields(stopped, left(bob, "kicked", ann))
      recorded.and(reconnecting(bob), wait(30)).when({ _tag: "Tick" }).yields(stopped, left(bob, "connection_lost"))
      recorded.when({ _tag: "Leave", ...onPhone(cid) }).yields(left(cid, "hangup"))
    })

    it("ends with the call", () => {
      assert.notProperty(
        given(annBobAndCid, { _tag: "RecordingStarted", by: bob }, ended("ended_by_host", ann)).state,
        "recorders"
      )
    })
  })

  describe("a call that is over", () => {
    const over = given(annTalksToBob, left(bob, "hangup"), ended("hangup"))

    it("accepts commands that can only be late, and changes nothing", () => {
      const late: ReadonlyArray<CallCommand> = [
        { _tag: "Leave", ...onPhone(ann) },
        { _tag: "Decline", ...onPhone(bob), reason: "declined" },
        { _tag: "End", ...onPhone(ann) },
        { _tag: "End" },
        { _tag: "Alert", ...onPhone(bob) },
        { _tag: "Resume", ...onLaptop(ann), fresh: true },
        { _tag: "LeaseLost", userId: ann },
        { _tag: "SessionEnded", userId: ann, since: atSecond(5) },
        { _tag: "Tick" },
        { _tag: "Postpone", until: atSecond(3600) }
      ]
      for (const command of late) over.and(wait(100_000)).when(command).changesNothing()
    })

    it("refuses all other commands", () => {
      const refused: ReadonlyArray<CallCommand> = [
        { _tag: "Accept", ...onPhone(bob) },
        { _tag: "Join", ...onPhone(bob), granted: true },
        { _tag: "Invite", ...onPhone(ann), callee: callee(cid) },
        { _tag: "Kick", ...onPhone(ann), userId: bob },
        { _tag: "ChangeMedia", ...onPhone(ann), changes: { audio: true } },
        { _tag: "StartRecording", ...onPhone(ann) },
        { _tag: "StopRecording", ...onPhone(ann) },
        { _tag: "Offer", ...onPhone(ann), digest: "offer" },
        { _tag: "Answer", ...onPhone(bob), digest: "answer" },
        { _tag: "Candidates", ...onPhone(ann), digests: ["candidate"] },
        { _tag: "ReportLink", ...onPhone(ann), state: "up" },
        initiate([callee(ann)], { by: bob })
      ]
      for (const command of refused) over.when(command).refuses(new CallOver())
    })

    it("has no timer", () => {
      assert.isUndefined(over.state.aloneUntil)
      assert.deepStrictEqual(over.state.links.map(({ transport }) => transport), ["closed"])
    })
  })

  describe("a call under a slow clock", () => {
    const behind = given(annTalksToBob, wait(-5))

    it("does not go back in time", () => {
      assert.deepStrictEqual(behind.when({ _tag: "Leave", ...onPhone(ann) }).state.endedAt, atSecond(10))
    })

    it("counts timers from the newest event", () => {
      behind.when({ _tag: "Invite", ...onPhone(ann), callee: callee(dee) }).yields(
        invited(dee, { kind: "group", ringUntil: atSecond(70) })
      )
    })
  })
})
