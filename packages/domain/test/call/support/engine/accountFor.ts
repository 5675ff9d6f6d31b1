/**
 * Compares the answers of hosts with the stored events: each event comes from one command, no command that was answered
 * is missing, and no command is stored twice.
 */
import type { CallId } from "@dchat/domain/call"
import { assertConsistent } from "@dchat/domain/contracts"
import { callInvariants } from "../callInvariants.ts"
import { decided, type RandomCall, type Turn } from "../randomCalls.ts"
import { never, sameOrNever } from "../Turns.ts"
import { type DecidedSent, History } from "./History.ts"
import type { Played } from "./playThroughHosts.ts"
import { candidateOf, sdpOf, type Sent } from "./Sent.ts"

const turnOf = ({ at, decided: on }: Sent): Turn | undefined => on && decided(on.command, on.on, at)

/** Checks a command that has an answer, against the newest state that was stored when the command was sent. */
const checkAnswered = (history: History, sent: Sent, turn: Turn): void => {
  const { answer } = sent
  const decidedOn = turn.before?.seq ?? 0
  if (decidedOn < sent.storedBefore) never("a command was decided on a state that was old when it was sent", sent)
  sameOrNever("a command was decided on a state that was never stored", turn.before, history.states[decidedOn])
  if (answer?._tag === "Refused") return sameOrNever("another refusal", answer.refusal, turn.refusal)
  if (answer?._tag !== "Taken") return
  if (turn.refusal !== undefined) never("a command was refused and answered as stored", sent, turn.refusal)
  sameOrNever("the answer shows another call", answer.call, turn.after)
  if (turn.records.length === 0) return
  if (!history.has(turn)) never("a command was answered and is not stored", sent, turn.records)
  history.attribute(turn, sent)
}

/** Quick commands of one call on one host take effect in the order of their arrival. */
const checkOrder = (stored: ReadonlyArray<DecidedSent>): void => {
  const newest = new Map<string, number>()
  for (const [{ at, callId, host, isQuick }, { records: [first] }] of stored) {
    if (!isQuick || first === undefined) continue
    const key = `${callId} ${host} ${at.epochMilliseconds}`
    if (first.seq < (newest.get(key) ?? 0)) never("a command overtook an earlier one", first)
    newest.set(key, first.seq)
  }
}

const checkCall = (id: CallId, history: History, { published, sent }: Played): RandomCall => {
  const turns = sent.flatMap((each) => {
    const turn = each.callId === id ? turnOf(each) : undefined
    return turn === undefined ? [] : [[each, turn] as const]
  })
  const isAnswered = ({ answer }: Sent) => answer?._tag === "Taken" || answer?._tag === "Refused"
  for (const [each, turn] of turns) if (isAnswered(each)) checkAnswered(history, each, turn)
  const kept = history.attributeRest(turns.filter(([{ answer }]) => answer?._tag === "Unknown"))
  if (history.withoutCause.length > 0) never("events come from no command", history.withoutCause)
  const known = turns.filter(([each]) => isAnswered(each) || kept.has(each))
  checkOrder(known)
  const counts = published.get(id)
  for (const [each, { records }] of known) {
    for (const { seq } of records) {
      const times = counts?.get(seq) ?? 0
      if (times > 1 || (times === 0 && !kept.has(each))) never(`an event was published ${times} times`, each, seq)
    }
  }
  return { call: history.states.at(-1), records: history.records, turns: known.map(([, turn]) => turn) }
}

/** The signalling between users who are still in an open call is kept as it was sent. */
const checkSignals = (id: CallId, { call, records }: RandomCall, { stored }: Played): void => {
  if (call === undefined || call.phase === "disconnected") return
  const signals = new Map(stored.signals.flatMap(({ callId, seq, signal }) => callId === id ? [[seq, signal]] : []))
  const left = new Set<string>()
  for (const { event, seq } of records.toReversed()) {
    if (event._tag === "Left") left.add(event.userId)
    if (event._tag !== "Offer" && event._tag !== "Answer" && event._tag !== "Candidates") continue
    const signal = signals.get(seq)
    if (signal === undefined && (left.has(event.from) || left.has(event.to))) continue
    const expected = event._tag === "Candidates"
      ? { candidates: event.digests.map(candidateOf), ...(event.endOfCandidates && { endOfCandidates: true }) }
      : { sdp: sdpOf(event.digest) }
    sameOrNever(`the signal of event ${seq} is not as it was sent`, signal, expected)
  }
}

/** Throws if something was lost or doubled, or if an invariant of calls does not hold. Returns the calls. */
export const accountFor = (played: Played): ReadonlyArray<RandomCall> => {
  if (played.publishedTooEarly > 0) never("events were published before they were stored")
  assertConsistent(played.stored)
  const byCall = Map.groupBy(played.stored.records, ({ callId }) => callId)
  return [...byCall].map(([id, records]) => {
    const random = checkCall(id, new History(records.map(({ record }) => record)), played)
    checkSignals(id, random, played)
    for (const [sentence, holds] of Object.entries(callInvariants)) {
      try {
        holds(random)
      } catch (error) {
        throw new Error(`not every call ${sentence}`, { cause: error })
      }
    }
    return random
  })
}
