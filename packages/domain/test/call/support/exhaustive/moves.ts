/**
 * The commands that the exhaustive search tries: an alphabet of commands for each user of a call.
 */
import {
  type Call,
  type CallCommand,
  type CallCommandOf,
  type DeviceId,
  linkBetween,
  nextDueAt,
  participation
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { DateTime } from "effect"
import { limits } from "../history.ts"
import { ann, anotherCall, bob, cid, laptop, phone, team, thisCall } from "../people.ts"

/** A command at a time, or time that passes without a command. */
export interface Move {
  readonly command?: CallCommand
  readonly at: DateTime.Utc
}

/** A set of calls: how each begins, and the moves that are tried in each state. */
export interface Space {
  readonly starts: ReadonlyArray<CallCommandOf<"Initiate">>
  readonly movesOn: (call: Call, now: DateTime.Utc) => ReadonlyArray<Move>
}

type Commands = ReadonlyArray<CallCommand>

const all = (...commands: ReadonlyArray<Commands>): Commands => commands.flat()

type Actor = { readonly by: UserId; readonly device: DeviceId }

/** The initiator's plan. An hour is short enough for its end to be reached, and longer than every other timer. */
const plan = { people: 3, callSeconds: 3600, reason: "plan_limit", recording: true } as const
const longerPlan = { ...plan, callSeconds: 7200 }

const callee = (userId: UserId, facts: { readonly busy?: boolean; readonly blocked?: boolean } = {}) => ({
  userId,
  busy: false,
  blocked: false,
  ...facts
})

const initiate = (
  callee: CallCommandOf<"Initiate">["callees"][number],
  overrides: Partial<CallCommandOf<"Initiate">> = {}
): CallCommandOf<"Initiate"> => ({
  _tag: "Initiate",
  callId: thisCall,
  by: ann,
  device: phone,
  reportsMedia: true,
  callees: [callee],
  callType: "video",
  limits: limits(plan),
  ...overrides
})

const withoutDevice = ({ device: _, ...command }: CallCommandOf<"Initiate">): CallCommandOf<"Initiate"> => command

const ring = (by: UserId, ...devices: ReadonlyArray<DeviceId>): Commands => [
  { _tag: "Alert", by },
  ...devices.map((device): CallCommand => ({ _tag: "Accept", by, device, reportsMedia: true })),
  { _tag: "Decline", by, reason: "declined" }
]

/** The connection of a device is lost and comes back, the session ends, the user leaves. */
const come = (call: Call, now: DateTime.Utc, { by, device }: Actor): Commands => [
  { _tag: "LeaseLost", userId: by },
  { _tag: "Resume", by, device, fresh: false },
  { _tag: "Resume", by, device, fresh: true },
  { _tag: "SessionEnded", userId: by, since: participation(call, by)?.reconnecting?.since ?? now },
  { _tag: "Leave", by }
]

const use = ({ by, device }: Actor): Commands => [
  { _tag: "ChangeMedia", by, device, changes: { audio: true } },
  { _tag: "StartRecording", by, device },
  { _tag: "StopRecording", by, device }
]

/** A description is new in each negotiation, and one candidate stands for all of its sender. */
const speak = (call: Call, { by, device }: Actor, to: UserId): Commands => {
  const negotiation = linkBetween(call, by, to)?.negotiation ?? 0
  return [
    { _tag: "Offer", by, device, to, digest: `offer-${negotiation + 1}` },
    { _tag: "Answer", by, device, to, digest: `answer-${negotiation}`, reportsMedia: true },
    { _tag: "Candidates", by, device, to, digests: [candidateOf(by)] }
  ]
}

const candidateOf = (user: UserId): string => `candidate-of-${user.at(-1)}`

/** Repetitions, numbers beside the right one, and the last of several candidates. */
const misspeak = (call: Call, { by, device }: Actor, to: UserId): Commands => {
  const negotiation = linkBetween(call, by, to)?.negotiation ?? 0
  return [
    { _tag: "Offer", by, device, to, digest: `offer-${negotiation}`, negotiation },
    { _tag: "Offer", by, device, digest: `offer-${negotiation}` },
    { _tag: "Answer", by, device, to, digest: `answer-${negotiation}`, negotiation: negotiation - 1 },
    { _tag: "Candidates", by, device, to, digests: [candidateOf(by)], negotiation: negotiation + 1 },
    { _tag: "Candidates", by, device, to, digests: [candidateOf(by)], negotiation: negotiation - 1 },
    { _tag: "Candidates", by, device, digests: [candidateOf(by), "another"], endOfCandidates: true }
  ]
}

const report = (by: UserId, other: UserId, bound?: DeviceId): Commands => {
  const device = bound && { device: bound }
  return [
    { _tag: "ReportLink", by, ...device, with: other, state: "up" },
    { _tag: "ReportLink", by, ...device, with: other, state: "down" }
  ]
}

const glare: CallCommand = initiate(callee(ann), { by: bob })

const phoneOf = (by: UserId): Actor => ({ by, device: phone })

/** A tick when the next timer is due, or one of the commands at once. */
const movesOf = (call: Call, now: DateTime.Utc, commands: Commands): ReadonlyArray<Move> => [
  { command: { _tag: "Tick" }, at: nextDueAt(call) ?? now },
  ...commands.map((command) => ({ command, at: now }))
]

/**
 * Ann calls Bob. The commands that ring, negotiate, lose and resume: Bob's laptop rings beside his phone and only
 * accepts; Ann reports the link for both, since a report of either has the same effect.
 */
export const ofTwo: Space = {
  starts: [initiate(callee(bob))],
  movesOn: (call, now) =>
    movesOf(
      call,
      now,
      all(
        ring(bob, phone, laptop),
        come(call, now, phoneOf(ann)),
        come(call, now, phoneOf(bob)),
        speak(call, phoneOf(ann), bob),
        speak(call, phoneOf(bob), ann),
        report(ann, bob),
        [glare, { _tag: "End" }, { _tag: "FindBusy", userId: bob, activeIn: anotherCall }]
      )
    )
}

const three = [ann, bob, cid]
const pairs = three.flatMap((by) => three.filter((other) => other !== by).map((other) => ({ by, other })))

/** Ann calls Bob and Cid as a group, or Bob alone and Cid comes later. Each of the three has one device. */
export const ofThree: Space = {
  starts: [
    initiate(callee(bob), { callees: [callee(bob), callee(cid)], groupId: team }),
    initiate(callee(bob))
  ],
  movesOn: (call, now) =>
    movesOf(
      call,
      now,
      all(
        ring(bob, phone),
        ring(cid, phone),
        three.flatMap((by) =>
          all(come(call, now, phoneOf(by)), use(phoneOf(by)), [
            { _tag: "Join", ...phoneOf(by), reportsMedia: true, granted: by !== bob },
            { _tag: "End", by }
          ])
        ),
        pairs.flatMap(({ by, other }) =>
          all(speak(call, phoneOf(by), other), by < other ? report(by, other) : [], [
            { _tag: "Invite", by, callee: callee(other) },
            { _tag: "Kick", by, userId: other }
          ])
        ),
        [{ _tag: "End" }]
      )
    )
}

/**
 * Ann calls Bob. Every command except Invite, which makes a group, with the facts that rules tell apart: both devices of
 * Bob, repeated and misnumbered descriptions and candidates, plans, users who are busy or blocked. Time may also pass
 * without a tick, so that commands precede a timer that is due.
 */
export const ofTwoInFull: Space = {
  starts: [
    initiate(callee(bob)),
    initiate(callee(bob, { blocked: true })),
    initiate(callee(bob, { busy: true })),
    withoutDevice(initiate(callee(bob)))
  ],
  movesOn: (call, now) => {
    const due = nextDueAt(call)
    const waits = due !== undefined && DateTime.isGreaterThan(due, now) ? [{ at: due }] : []
    return [...waits, ...movesOf(call, now, inFull(call, now))]
  }
}

const inFull = (call: Call, now: DateTime.Utc): Commands =>
  all(
    ring(bob, phone, laptop),
    [phoneOf(ann), phoneOf(bob), { by: bob, device: laptop }].flatMap((actor) => {
      const peer = actor.by === ann ? bob : ann
      return all(
        come(call, now, actor),
        use(actor),
        speak(call, actor, peer),
        misspeak(call, actor, peer),
        report(actor.by, peer, actor.device),
        [
          { _tag: "LeaseLost", userId: actor.by, device: actor.device, signedOut: true },
          { _tag: "End", ...actor },
          { _tag: "Join", ...actor, granted: true },
          { _tag: "Kick", ...actor, userId: peer }
        ]
      )
    }),
    [
      { _tag: "Accept", ...phoneOf(bob), plan: { ...plan, recording: false } },
      { _tag: "Accept", ...phoneOf(bob), activeIn: anotherCall },
      { _tag: "Decline", by: bob, device: laptop, reason: "busy" },
      { _tag: "FindBusy", userId: bob, activeIn: anotherCall },
      { _tag: "FindBusy", userId: bob, activeIn: thisCall },
      glare,
      initiate(callee(bob)),
      { _tag: "RaiseLimits", plan: longerPlan },
      { _tag: "Tick", plan: longerPlan },
      { _tag: "Postpone", until: DateTime.add(now, { seconds: 40 }) },
      { _tag: "End" }
    ]
  )
