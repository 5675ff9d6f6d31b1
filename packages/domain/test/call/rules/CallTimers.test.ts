import { type Call, linkBetween, nextDueAt, participation, type PlanLimits } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { atSecond, beginning, given, wait } from "../support/given.ts"
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
  linkEvent,
  linkUp,
  offer,
  onPhone,
  reconnecting,
  resumed,
  ringing
} from "../support/history.ts"
import { ann, bob, cid } from "../support/people.ts"

const tick = { _tag: "Tick" } as const

const dueAfter = (call: Call): number | undefined => {
  const due = nextDueAt(call)
  return due && (DateTime.toEpochMillis(due) - DateTime.toEpochMillis(beginning)) / 1000
}

const silently = { reportsMedia: false }

describe("CallTimers", () => {
  describe("ringing", () => {
    it("ends without an answer after a minute", () => {
      assert.strictEqual(dueAfter(given(annCallsBob).state), 60)
      given(annCallsBob, ringing(bob), wait(60)).when(tick).yields(left(bob, "no_answer"), ended("no_answer"))
    })

    it("ends as unreachable if no device was alerted", () => {
      given(annCallsBob, wait(60)).when(tick).yields(left(bob, "unreachable"), ended("unreachable"))
    })

    it("does not end a moment early", () => {
      given(annCallsBob, wait(59.999)).when(tick).changesNothing()
    })

    it("has its own time for each invited user", () => {
      const talking = given(annTalksToBob, wait(20), invited(cid, { kind: "group", ringUntil: atSecond(90) }))
      assert.strictEqual(dueAfter(talking.and(linkUp(ann, bob)).state), 90)
      talking.and(linkUp(ann, bob), wait(60)).when(tick).yields(left(cid, "unreachable"))
    })

    it("is over for a user who has accepted or declined", () => {
      given(annSeesBob, wait(60)).when(tick).changesNothing()
      given(annCallsGroup(bob, cid), left(bob, "declined"), wait(60)).when(tick).yields(
        left(cid, "unreachable"),
        ended("declined")
      )
    })
  })

  describe("a lost connection", () => {
    it("may be restored within 30 s", () => {
      const lost = given(annTalksToBob, reconnecting(bob))
      assert.strictEqual(dueAfter(lost.state), 40)
      lost.and(wait(30)).when(tick).yields(left(bob, "connection_lost"), ended("connection_lost"))
      lost.and(wait(29), resumed(bob), wait(30)).when(tick).changesNothing()
    })

    it("of the initiator ends an unanswered call", () => {
      const over = given(annCallsBob, reconnecting(ann), wait(30)).when(tick).yields(
        left(ann, "connection_lost"),
        ended("connection_lost")
      )
      assert.strictEqual(participation(over.state, bob)?.leftReason, "cancelled")
    })

    it("takes one user out of a group", () => {
      given(annBobAndCid, reconnecting(bob), wait(30)).when(tick).yields(left(bob, "connection_lost"))
    })

    it("is tolerated for five minutes while media works", () => {
      const lost = given(annSeesBob, reconnecting(bob))
      assert.strictEqual(dueAfter(lost.state), 12 + 300)
      lost.and(wait(299)).when(tick).changesNothing()
      lost.and(wait(300)).when(tick).yields(left(bob, "connection_lost"), ended("connection_lost"))
    })

    it("has 30 s left from the end of its session, once, and not after it was restored", () => {
      const lost = given(annSeesBob, reconnecting(bob))
      const sessionEnded = { _tag: "SessionEnded", userId: bob, since: lost.at } as const
      const signedOut = { ...reconnecting(bob), signedOut: true } as const
      const out = lost.and(wait(100)).when(sessionEnded).yields(signedOut)
      assert.strictEqual(dueAfter(out.state), 12 + 130)
      out.after.and(wait(5)).when(sessionEnded).changesNothing()
      out.after.and(wait(30)).when(tick).yields(left(bob, "connection_lost"), ended("connection_lost"))
      lost.and(wait(290)).when(sessionEnded).yields(signedOut).after.and(wait(10)).when(tick).yields(
        left(bob, "connection_lost"),
        ended("connection_lost")
      )
      lost.and(resumed(bob), wait(1), reconnecting(bob)).when(sessionEnded).changesNothing()
      given(annSeesBob, wait(2)).when({ ...sessionEnded, userId: ann }).changesNothing()
    })

    it("has 30 s left from the end of media, and five minutes altogether", () => {
      const lost = given(annSeesBob, reconnecting(bob))
      const down = linkEvent("LinkDown", ann, bob)
      const dueOf = (seconds: number) => {
        const due = participation(lost.and(wait(seconds), down).state, bob)?.resumeUntil
        return due && (DateTime.toEpochMillis(due) - DateTime.toEpochMillis(lost.at)) / 1000
      }
      assert.strictEqual(dueOf(100), 130)
      assert.strictEqual(dueOf(290), 300)
    })

    it("is tolerated for five minutes from its loss if media starts meanwhile", () => {
      const lost = given(
        annTalksToBob,
        offer(ann, bob),
        answer(bob, ann),
        reconnecting(bob),
        wait(20),
        linkUp(ann, bob)
      )
      assert.strictEqual(dueAfter(lost.state), 10 + 300)
    })
  })

  describe("media", () => {
    it("is due 45 s after the user accepts", () => {
      assert.strictEqual(dueAfter(given(annTalksToBob).state), 55)
      given(annTalksToBob, wait(45)).when(tick).yields(left(bob, "media_failed"), ended("media_failed"))
    })

    it("is due 45 s after joining, and takes one user out of a group", () => {
      const joined = given(annBobAndCid, linkUp(ann, bob), left(cid, "hangup"), wait(20), acceptedAmong(cid, ann, bob))
      assert.strictEqual(dueAfter(joined.state), 75)
      joined.and(wait(45)).when(tick).yields(left(cid, "media_failed"))
    })

    it("is not required of a user who does not report media, or who has media", () => {
      given(annCallsBob, accepted(bob, silently), wait(45)).when(tick).changesNothing()
      given(annSeesBob, wait(45)).when(tick).changesNothing()
    })

    it("is not required of the initiator", () => {
      assert.isUndefined(participation(given(annTalksToBob).state, ann)?.mediaUntil)
      given(annCallsGroup(bob, cid), acceptedAmong(bob, ann), linkUp(ann, bob), wait(45)).when(tick).changesNothing()
    })

    it("is required of an initiator who rejoins", () => {
      const back = given(annBobAndCid, linkUp(bob, cid), left(ann, "hangup"), wait(5), acceptedAmong(ann, bob, cid))
      back.and(wait(45)).when(tick).yields(left(ann, "media_failed"))
    })

    it("is not required of a lone user while another one is ringing, but from the answer of that one", () => {
      const alone = given(annCallsGroup(bob, cid), wait(10), acceptedAmong(bob, ann), wait(5), left(ann, "hangup"))
      alone.and(wait(44)).when(tick).changesNothing()
      const met = alone.and(wait(30), acceptedAmong(cid, bob))
      assert.strictEqual(dueAfter(met.state), 45 + 45)
      met.and(wait(45)).when(tick).yields(left(bob, "media_failed"))
    })

    it("is not required while the only other user reconnects", () => {
      const away = given(annTalksToBob, wait(20), reconnecting(ann))
      away.and(wait(26)).when(tick).changesNothing()
      away.and(wait(26), resumed(ann), wait(45)).when(tick).yields(left(bob, "media_failed"), ended("media_failed"))
    })

    it("is not required while the user reconnects", () => {
      given(annTalksToBob, wait(40), reconnecting(bob), wait(5)).when(tick).changesNothing()
    })
  })

  describe("a negotiation", () => {
    const offered = given(annTalksToBob, offer(ann, bob))

    it("expires 30 s after its offer, and a link that never worked fails", () => {
      assert.strictEqual(dueAfter(offered.state), 40)
      const expired = offered.and(wait(30)).when(tick).yields(linkEvent("NegotiationExpired", ann, bob))
      const link = linkBetween(expired.state, ann, bob)
      assert.strictEqual(link?.signalling, "stable")
      assert.strictEqual(link?.transport, "failed")
    })

    it("does not change a working link when it expires", () => {
      const expired = given(annSeesBob, offer(ann, bob, 2), wait(30)).when(tick).yields(
        linkEvent("NegotiationExpired", ann, bob, 2)
      )
      assert.strictEqual(linkBetween(expired.state, ann, bob)?.transport, "up")
    })

    it("may be followed by the next one, of either side", () => {
      for (const [from, to] of [[ann, bob], [bob, ann]] as const) {
        offered.and(wait(30)).when(tick).after.when({ _tag: "Offer", ...onPhone(from), digest: "offer-2" }).yields(
          offer(from, to, 2)
        )
      }
    })

    it("does not expire once it is answered", () => {
      given(annCallsBob, accepted(bob, silently), offer(ann, bob), answer(bob, ann), linkUp(ann, bob), wait(30))
        .when(tick).changesNothing()
    })

    it("waits for the answer of a callee who is still invited", () => {
      const called = given(annCallsBob, offer(ann, bob), wait(50))
      called.when(tick).changesNothing()
      assert.strictEqual(dueAfter(called.and(accepted(bob)).state), 80)
    })

    it("pauses while one end reconnects, and then starts again", () => {
      const lost = offered.and(wait(20), reconnecting(ann), wait(20))
      lost.when(tick).changesNothing()
      assert.deepStrictEqual(
        linkBetween(lost.and(resumed(ann)).state, ann, bob)?.negotiationUntil,
        atSecond(10 + 20 + 20 + 30)
      )
    })
  })

  describe("transport", () => {
    it("fails after 30 s of being down, and ends a direct call", () => {
      const down = given(annSeesBob, linkEvent("LinkDown", ann, bob))
      assert.strictEqual(dueAfter(down.state), 42)
      down.and(wait(30)).when(tick).yields(linkEvent("LinkFailed", ann, bob), ended("media_failed"))
      down.and(wait(29), linkUp(ann, bob), wait(30)).when(tick).changesNothing()
    })

    it("fails after 30 s of checking if a side reports media", () => {
      const checked = (caller: boolean, callee: boolean) =>
        given(
          initiated({ reportsMedia: caller }),
          invited(bob),
          accepted(bob, { reportsMedia: callee }),
          offer(ann, bob),
          answer(bob, ann),
          wait(30)
        ).when(tick)
      for (const [caller, callee] of [[true, true], [true, false], [false, true]] as const) {
        checked(caller, callee).yields(linkEvent("LinkFailed", ann, bob), ended("media_failed"))
      }
      checked(false, false).changesNothing()
    })

    it("fails for one link of a group, which continues", () => {
      const failed = given(annBobAndCid, offer(bob, ann), answer(ann, bob), linkUp(ann, bob), linkUp(bob, cid))
        .and(linkEvent("LinkDown", ann, bob), wait(30)).when(tick).yields(linkEvent("LinkFailed", ann, bob))
      assert.strictEqual(failed.state.phase, "connected")
      failed.after.and(wait(30)).when(tick).changesNothing()
    })

    it("is checked for another 30 s after an answer that follows a failure", () => {
      const restarted = given(
        annSeesBob,
        linkEvent("LinkDown", ann, bob),
        wait(20),
        offer(ann, bob, 2),
        answer(bob, ann, 2)
      )
      assert.strictEqual(dueAfter(restarted.state), 12 + 20 + 30)
    })

    it("is not checked for longer because of another negotiation", () => {
      const again = given(
        annTalksToBob,
        offer(ann, bob),
        answer(bob, ann),
        wait(10),
        offer(bob, ann, 2),
        answer(ann, bob, 2)
      )
      assert.strictEqual(dueAfter(again.state), 40)
    })

    it("is not awaited once one end has left", () => {
      const gone = given(annBobAndCid, linkUp(ann, cid), linkEvent("LinkDown", ann, bob), left(bob, "hangup"))
      assert.isUndefined(linkBetween(gone.state, ann, bob)?.transportUntil)
    })
  })

  describe("being alone", () => {
    const alone = given(annBobAndCid, linkUp(ann, bob), left(cid, "hangup"), left(bob, "hangup"))

    it("ends a group call after 20 s", () => {
      assert.strictEqual(dueAfter(alone.state), 30)
      alone.and(wait(20)).when(tick).yields(ended("alone"))
    })

    it("is over when a user joins or is invited", () => {
      const waiting = alone.and(wait(15))
      waiting.and(acceptedAmong(cid, ann), wait(10)).when(tick).changesNothing()
      const asked = waiting.and(invited(cid, { kind: "group", ringUntil: atSecond(85) }))
      asked.and(wait(10)).when(tick).changesNothing()
      asked.and(acceptedAmong(cid, ann), wait(10)).when(tick).changesNothing()
    })

    it("starts again if an invited user does not join", () => {
      const asked = alone.and(wait(15), invited(cid, { kind: "group", ringUntil: atSecond(85) }))
      assert.strictEqual(dueAfter(asked.and(wait(5), left(cid, "declined")).state), 10 + 15 + 5 + 20)
    })

    it("does not apply to a user who waits for answers, nor in a direct call", () => {
      assert.isUndefined(given(annCallsGroup(bob, cid)).state.aloneUntil)
      assert.isUndefined(given(annCallsGroup(bob, cid), acceptedAmong(bob, ann), left(ann, "hangup")).state.aloneUntil)
      assert.isUndefined(given(annTalksToBob).state.aloneUntil)
    })
  })

  describe("the limit of duration", () => {
    const short = limits({ callSeconds: 600, reason: "plan_limit" })
    const called = given(initiated({ limits: short, reportsMedia: false }), invited(bob))
    const talking = called.and(wait(10), accepted(bob, silently))

    it("is announced 60 s before, once", () => {
      assert.strictEqual(dueAfter(talking.state), 10 + 540)
      const warned = talking.and(wait(540)).when(tick).yields({ _tag: "CallEnding", at: atSecond(610) })
      warned.after.when(tick).changesNothing()
      warned.after.and(wait(59)).when(tick).changesNothing()
    })

    it("counts from the answer", () => {
      const warned = talking.and(wait(540)).when(tick)
      assert.strictEqual(dueAfter(warned.state), 610)
      warned.after.and(wait(60)).when(tick).yields(ended("plan_limit"))
    })

    it("counts from the start of an unanswered call, and is announced again if an answer moves it", () => {
      const brief = given(initiated({ limits: limits({ callSeconds: 50 }), reportsMedia: false }), invited(bob))
      const warned = brief.when(tick).yields({ _tag: "CallEnding", at: atSecond(50) })
      warned.after.and(wait(50)).when(tick).yields(ended("max_duration"))
      warned.after.and(wait(40), accepted(bob, silently)).when(tick).yields({
        _tag: "CallEnding",
        at: atSecond(90)
      })
    })

    it("is raised by a better plan, announced again, and never lowered", () => {
      const better = { people: 8, callSeconds: 1200, reason: "plan_limit", recording: true } as const
      const lift = (plan: PlanLimits) => ({ _tag: "RaiseLimits", plan }) as const
      const warned = talking.and(wait(540)).when(tick)
      const lifted = warned.after.when(lift(better)).yields({
        _tag: "LimitsRaised",
        limits: { ...short, callSeconds: 1200, recording: true },
        endsAt: atSecond(1210)
      })
      lifted.after.when(lift(better)).changesNothing()
      lifted.after.when(lift({ ...better, callSeconds: 60, people: 2, recording: false })).changesNothing()
      lifted.after.and(wait(60)).when(tick).changesNothing()
      lifted.after.and(wait(600)).when(tick).yields({ _tag: "CallEnding", at: atSecond(1210) })
    })

    it("moves, and neither is announced nor ends the call, if the plan allows more by then", () => {
      const plan = { people: 8, callSeconds: 1200, reason: "plan_limit", recording: false } as const
      const moved = {
        _tag: "LimitsRaised",
        limits: { ...short, ...plan, recording: true },
        endsAt: atSecond(1210)
      } as const
      talking.and(wait(540)).when({ _tag: "Tick", plan }).yields(moved).after.when(tick).changesNothing()
      const warned = talking.and(wait(540)).when(tick).after.and(wait(60))
      warned.when({ _tag: "Tick", plan }).yields(moved)
      warned.when({ _tag: "Tick", plan: { ...plan, callSeconds: 60 } }).yields(ended("plan_limit"))
    })

    it("is that of the plan at the first answer, whether longer or shorter than at the start of the call", () => {
      const plan = { people: 2, callSeconds: 300, reason: "plan_limit", recording: false } as const
      const answered = given(annCallsGroup(bob, cid), wait(10)).when({ _tag: "Accept", ...onPhone(bob), plan })
      assert.deepStrictEqual(answered.state.limits, limits({ ...plan, people: 8 }))
      assert.strictEqual(answered.after.and(wait(300)).when(tick).state.endReason, "plan_limit")
      const second = answered.after.when({ _tag: "Accept", ...onPhone(cid), plan: { ...plan, callSeconds: 60 } })
      assert.strictEqual(second.state.limits.callSeconds, 300)
    })

    it("ends the call for the limit of the installation if the plan has no limit", () => {
      given(annCallsBob, accepted(bob, silently), wait(86_400)).when(tick).yields(
        { _tag: "CallEnding", at: atSecond(86_400) },
        ended("max_duration")
      )
    })

    it("takes every user out for that reason", () => {
      const over = given(groupInitiated({ limits: short, reportsMedia: false }), invited(bob, { kind: "group" }))
        .and(accepted(bob, silently), wait(600)).when(tick)
      assert.deepStrictEqual(over.state.participants.map(({ leftReason }) => leftReason), ["plan_limit", "plan_limit"])
    })
  })

  describe("a late tick", () => {
    it("applies due timers in the order of their times", () => {
      given(annBobAndCid, reconnecting(bob), wait(3600)).when(tick).yields(
        left(bob, "connection_lost"),
        left(cid, "media_failed")
      )
    })

    it("starts the timers that follow from the time of the tick", () => {
      const late = given(annBobAndCid, linkUp(ann, cid), reconnecting(bob), left(cid, "hangup"), wait(1000)).when(tick)
      assert.strictEqual(dueAfter(late.yields(left(bob, "connection_lost")).state), 10 + 1000 + 20)
    })

    it("does nothing for a timer whose condition no longer holds", () => {
      given(annTalksToBob, offer(ann, bob), answer(bob, ann), linkUp(ann, bob), reconnecting(bob), resumed(bob))
        .and(wait(100)).when(tick).changesNothing()
    })
  })

  describe("an outage", () => {
    const postpone = { _tag: "Postpone", until: atSecond(1000) } as const

    it("moves the deadlines of users and links", () => {
      const before = given(annTalksToBob, offer(ann, bob), reconnecting(ann), wait(970))
      const postponed = before.when(postpone).yields({ _tag: "DeadlinesPostponed", until: atSecond(1000) })
      assert.strictEqual(dueAfter(postponed.state), 1000)
      postponed.after.when(tick).changesNothing()
      postponed.after.when(postpone).changesNothing()
    })

    it("brings no deadlines forward, and does not change ringing, being alone or the limit of duration", () => {
      given(annTalksToBob, reconnecting(bob)).when({ ...postpone, until: atSecond(20) }).changesNothing()
      given(annCallsBob).when(postpone).changesNothing()
      given(annBobAndCid, linkUp(ann, bob), left(cid, "hangup"), left(bob, "hangup")).when(postpone).changesNothing()
    })

    it("of more than five minutes leaves time to a user whose media stops afterwards", () => {
      const postponed = given(annSeesBob, reconnecting(bob), wait(958)).when(postpone).after
      const down = postponed.and(wait(10), linkEvent("LinkDown", ann, bob))
      assert.deepStrictEqual(participation(down.state, bob)?.resumeUntil, atSecond(1000))
    })

    it("of more than five minutes leaves time to a user whose media starts afterwards", () => {
      const postponed = given(annTalksToBob, offer(ann, bob), answer(bob, ann), reconnecting(bob), wait(960))
        .when(postpone).after
      assert.deepStrictEqual(participation(postponed.and(linkUp(ann, bob)).state, bob)?.resumeUntil, atSecond(1000))
    })
  })
})
