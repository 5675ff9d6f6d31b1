/**
 * Checks the invariants of calls on many random ones, and that these reach everything that can happen:
 * `node --conditions=@dchat/source packages/domain/test/call/run-many.ts [calls] [seed]`.
 */
import { CallCommand, CallEvent, type CallRefusalOf, EndReason, isOver, LeftReason } from "@dchat/domain/call"
import { callInvariants } from "./support/callInvariants.ts"
import { numbersFor, play, type RandomCall } from "./support/randomCalls.ts"

const [calls = 100_000, seed = 1] = process.argv.slice(2).map(Number)

const tagsOf = (union: { readonly cases: object }): ReadonlyArray<string> => Object.keys(union.cases)

const refusals: Readonly<Record<CallRefusalOf<CallCommand["_tag"]>["_tag"], 0>> = {
  AnsweredElsewhere: 0,
  CallFull: 0,
  CallOver: 0,
  InAnotherCall: 0,
  InviteeBusy: 0,
  NoOpenOffer: 0,
  NotConnected: 0,
  NotEntitled: 0,
  NotHost: 0,
  NotInCall: 0,
  NotOfferer: 0,
  NotPending: 0,
  OfferConflict: 0,
  StaleNegotiation: 0,
  TooManyCandidates: 0,
  TooManyOffers: 0,
  UnknownParticipant: 0,
  WrongDevice: 0
}

const counts: Readonly<Record<string, Map<string, number>>> = {
  commands: new Map(tagsOf(CallCommand).map((tag) => [tag, 0])),
  events: new Map(tagsOf(CallEvent).map((tag) => [tag, 0])),
  refusals: new Map(Object.entries(refusals)),
  "end reasons": new Map(EndReason.literals.map((reason) => [reason, 0])),
  "left reasons": new Map(LeftReason.literals.map((reason) => [reason, 0]))
}

/** A call ends empty when no user is in it any more, so no user leaves for that reason. */
const unreachable: ReadonlySet<string> = new Set(["left reasons: empty"])

const count = (of: keyof typeof counts, name: string): void => {
  counts[of]?.set(name, (counts[of].get(name) ?? 0) + 1)
}

const countAll = ({ call, turns }: RandomCall): void => {
  for (const { command, records, refusal } of turns) {
    count("commands", command._tag)
    if (refusal !== undefined) count("refusals", refusal._tag)
    for (const { event } of records) {
      count("events", event._tag)
      if (event._tag === "CallEnded") count("end reasons", event.reason)
      if (event._tag === "Left") count("left reasons", event.reason)
    }
  }
  if (call === undefined || !isOver(call)) return
  for (const { leftReason } of call.participants) {
    if (leftReason !== undefined && leftReason === call.endReason) count("left reasons", leftReason)
  }
}

const began = performance.now()
for (let index = 0; index < calls; index++) {
  const random = play(numbersFor(seed, index))
  countAll(random)
  for (const [sentence, holds] of Object.entries(callInvariants)) {
    try {
      holds(random)
    } catch (error) {
      console.error(`Seed ${seed}, call ${index}: a call ${sentence}, but`, error)
      process.exit(1)
    }
  }
}

console.log(`${calls} calls with seed ${seed} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
for (const [of, by] of Object.entries(counts)) {
  const total = [...by.values()].reduce((sum, number) => sum + number, 0)
  console.log(`\n${total} ${of}`)
  for (const [name, number] of [...by].toSorted(([, one], [, other]) => other - one)) console.log(`  ${number} ${name}`)
}

const missed = Object.entries(counts).flatMap(([of, by]) =>
  [...by].filter(([, number]) => number === 0).map(([name]) => `${of}: ${name}`)
).filter((name) => !unreachable.has(name))
if (missed.length > 0) {
  console.error(`\nNever reached: ${missed.join(", ")}`)
  process.exit(1)
}
