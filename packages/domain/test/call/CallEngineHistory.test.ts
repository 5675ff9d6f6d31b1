/**
 * The check of random calls through hosts: which of the commands without an answer the stored events come from.
 */
import type { Call, CallCommand } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { type DecidedSent, History } from "./support/engine/History.ts"
import { atSecond, given, recordsOf } from "./support/given.ts"
import { accepted, initiated, invited, limits, onPhone } from "./support/history.ts"
import { bob, thisCall } from "./support/people.ts"
import { decided } from "./support/randomCalls.ts"

/** Ann and Bob talk. Ann's plan did not include recording when the call began. */
const talking = given(initiated({ limits: limits({ recording: false }) }), invited(bob), accepted(bob))

const plan = { people: 8, callSeconds: 86_400, reason: "max_duration", recording: true } as const

const startRecording: CallCommand = { _tag: "StartRecording", ...onPhone(bob) }

/** A command that a host decided on a state before the host crashed. */
const cut = (command: CallCommand, on: Call): DecidedSent => {
  const at = atSecond(1)
  const sent = { callId: thisCall, host: "first", command, at, storedBefore: on.seq, isQuick: false } as const
  return [
    { ...sent, decided: { command, on }, answer: { _tag: "Unknown", reason: "crash" } },
    decided(command, on, at)
  ]
}

const after = ([, turn]: DecidedSent): Call => turn.after ?? assert.fail("there is no call")

const raise = cut({ _tag: "RaiseLimits", plan }, talking.state)
/** Its first event is the event of `raise`. */
const raiseAndRecord = cut({ ...startRecording, plan }, talking.state)
const record = cut(startRecording, after(raise))

/** The call with the events of these commands. */
const historyWith = (...commands: ReadonlyArray<DecidedSent>) =>
  new History([...recordsOf(talking), ...commands.flatMap(([, { records }]) => records)])

const leftOver = (history: History) =>
  history.withoutCause.flatMap(({ event, seq }) => seq > talking.state.seq ? [event._tag] : [])

describe("Stored events whose commands have no answer", () => {
  it("come from the command that explains all of them, and not from one that explains the first ones", () => {
    for (const unanswered of [[raise, raiseAndRecord], [raiseAndRecord, raise]]) {
      const history = historyWith(raiseAndRecord)
      assert.deepStrictEqual(history.attributeRest(unanswered), new Set([raiseAndRecord[0]]))
      assert.deepStrictEqual(leftOver(history), [])
    }
  })

  it("come from the shorter command if the other events come from an answered command", () => {
    const history = historyWith(raise, record)
    history.attribute(record[1], record[0])
    assert.deepStrictEqual(history.attributeRest([raiseAndRecord, raise]), new Set([raise[0]]))
    assert.deepStrictEqual(leftOver(history), [])
  })

  it("come from one of two commands that explain the same events", () => {
    const twin = cut({ _tag: "RaiseLimits", plan }, talking.state)
    const history = historyWith(raise)
    assert.deepStrictEqual(history.attributeRest([raise, twin]), new Set([raise[0]]))
    assert.deepStrictEqual(leftOver(history), [])
  })

  it("are left over if no command explains them", () => {
    const history = historyWith(raise, record)
    assert.deepStrictEqual(history.attributeRest([raise]), new Set([raise[0]]))
    assert.deepStrictEqual(leftOver(history), ["RecordingStarted"])
  })

  it("are left over if a command would have to be stored twice", () => {
    const stop = cut({ _tag: "StopRecording", ...onPhone(bob) }, after(record))
    const again = cut(startRecording, after(stop))
    const history = historyWith(raise, record, stop, again)
    history.attributeRest([raise, record, stop])
    assert.deepStrictEqual(leftOver(history), ["RecordingStarted"])
  })
})
