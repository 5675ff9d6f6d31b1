/**
 * The next commands of a random call: mostly sensible ones, sometimes mistakes.
 */
import {
  type Call,
  type CallCommand,
  type CallCommandOf,
  type CallLimits,
  defaultTimeouts,
  type DeviceId,
  hostOf,
  isActive,
  isPending,
  nextDueAt,
  participation,
  type PlanLimits
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { DateTime } from "effect"
import type { Dice } from "./Dice.ts"
import { limits } from "./history.ts"
import { anotherCall, laptop, people, phone, team, thisCall } from "./people.ts"
import type { Mood, Turn } from "./randomCalls.ts"

type Link = Call["links"][number]
type Callee = CallCommandOf<"Invite">["callee"]

export const randomInitiate = (dice: Dice, mood: Mood, by: UserId = dice.pick(people)): CallCommandOf<"Initiate"> => {
  const isGroup = mood === "crowded" || dice.chance(50)
  const count = isGroup ? 1 + dice.below(mood === "crowded" ? 7 : 4) : 1
  const others = people.filter((user) => user !== by || dice.chance(2))
  const everybodyBusy = dice.chance(4)
  const callee = (): Callee => ({
    ...randomCallee(dice, dice.pick(others) ?? by),
    ...(everybodyBusy && { busy: true })
  })
  const callees = Array.from({ length: count }, callee).filter(({ userId }, index, all) =>
    all.findIndex((other) => other.userId === userId) === index || dice.chance(2)
  )
  return {
    _tag: "Initiate",
    callId: thisCall,
    by,
    ...(dice.chance(90) && { device: dice.pick([phone, laptop]) }),
    ...(dice.chance(80) && { reportsMedia: dice.chance(80) }),
    ...(dice.chance(3) && { activeIn: anotherCall }),
    callees: [callee(), ...callees.slice(1)],
    callType: dice.pick(["audio", "video", "screen"]),
    ...(isGroup && dice.chance(90) && { groupId: team }),
    limits: randomLimits(dice)
  }
}

/** Another command, given everything up to now. */
export const nextCommand = (
  dice: Dice,
  mood: Mood,
  call: Call | undefined,
  at: DateTime.Utc,
  turns: ReadonlyArray<Pick<Turn, "command">>
): CallCommand => {
  if (call === undefined) {
    return dice.chance(80)
      ? randomInitiate(dice, mood)
      : commandOf(dice, "Alert", dice.pick(people))
  }
  const due = nextDueAt(call)
  if (due !== undefined && DateTime.isLessThanOrEqualTo(due, at) && dice.chance(70)) {
    return { _tag: "Tick", ...randomPlan(dice) }
  }
  if (dice.chance(4)) return dice.pick(turns.slice(-6))?.command ?? { _tag: "Tick" }
  const context = new Context(dice, call)
  return dice.weighted(movesOf(context, mood))?.() ?? { _tag: "Tick" }
}

/** The weight of each move, by the users in the call. */
const movesOf = (context: Context, mood: Mood): ReadonlyArray<readonly [number, () => CallCommand]> => {
  const { active, call, dice, pending } = context
  const reconnecting = call.participants.filter(({ state }) => state === "reconnecting").length
  const talks = active.length > 1 || call.kind === "direct" ? (mood === "negotiating" ? 5 : 1) : 0
  const offering = call.links.some(({ signalling }) => signalling === "offering")
  const answered = call.links.some(({ answered, transport }) => answered && transport !== "closed")
  const grows = mood === "crowded" ? 3 : 1
  return [
    [pending.length > 0 ? 12 : 1, () => commandOf(dice, "Alert", context.mostly(pending))],
    [pending.length > 0 ? 24 : 2, () => context.entering("Accept", context.mostly(pending))],
    [pending.length > 0 ? 2 : 1, () => context.decline()],
    [1, () => context.findBusy()],
    [1, () => context.asks("Leave", context.mostly([call.initiatorId]))],
    [active.length > 2 ? 3 : 1, () => context.asks("Leave", context.mostly(active))],
    [call.phase === "connected" ? 3 * grows : 1, () => context.invite()],
    [call.phase === "initiated" ? 1 : 3 * grows, () => context.join()],
    [1, () => context.kick()],
    [1, () => context.end()],
    [2, () => context.changeMedia()],
    [2, () => ({ _tag: "StartRecording", ...context.by(context.mostly(active)), ...randomPlan(dice) })],
    [1, () => ({ _tag: "RaiseLimits", plan: planOf(randomLimits(dice)) })],
    [1, () => context.asks("StopRecording", context.mostly(active))],
    [12 * talks, () => context.offer()],
    [(offering ? 20 : 1) * talks, () => context.answer()],
    [5 * talks, () => context.candidates()],
    [(answered ? 12 : 1) * talks, () => context.reportLink()],
    [2, () => ({ _tag: "LeaseLost", userId: context.mostly(active) })],
    [1, () => context.sessionEnded()],
    [1 + 12 * reconnecting, () => context.resume()],
    [2, () => ({ _tag: "Tick", ...randomPlan(dice) })],
    [1, () => ({ _tag: "Postpone", until: DateTime.add(call.updatedAt, { seconds: dice.below(400) }) })],
    [call.kind === "direct" && pending.length > 0 ? 4 : 0, () => context.glare(mood)],
    [dice.chance(30) ? 1 : 0, () => context.glare(mood)]
  ]
}

class Context {
  readonly dice: Dice
  readonly call: Call
  readonly active: ReadonlyArray<UserId>
  readonly pending: ReadonlyArray<UserId>
  /** A user can send no command to a call that the user does not see, except to join it. */
  readonly speakers: ReadonlyArray<UserId>

  constructor(dice: Dice, call: Call) {
    this.dice = dice
    this.call = call
    this.speakers = people.filter((user) => participation(call, user)?.suppressed === undefined)
    const told = call.participants.filter(({ suppressed }) => suppressed === undefined)
    this.active = told.filter(isActive).map(({ userId }) => userId)
    this.pending = told.filter(isPending).map(({ userId }) => userId)
  }

  /** One of these users as a rule, else any user. */
  mostly(users: ReadonlyArray<UserId>): UserId {
    return (this.dice.chance(88) ? this.dice.pick(users) : undefined) ?? this.dice.pick(this.speakers) ??
      this.call.initiatorId
  }

  /** The bound device of the user as a rule, else another one or none. */
  device(user: UserId): { readonly device?: DeviceId } {
    const bound = participation(this.call, user)?.device
    if (bound !== undefined && this.dice.chance(88)) return { device: bound }
    return this.dice.chance(80) ? { device: this.dice.pick([phone, laptop]) } : {}
  }

  by(user: UserId) {
    return { by: user, ...this.device(user) }
  }

  asks(_tag: "Leave" | "StopRecording", user: UserId): CallCommand {
    return { _tag, ...this.by(user) }
  }

  facts(): Pick<CallCommandOf<"Accept">, "reportsMedia" | "activeIn" | "plan"> {
    return {
      ...randomPlan(this.dice),
      ...(this.dice.chance(85) && { reportsMedia: this.dice.chance(80) }),
      ...(this.dice.chance(5) && { activeIn: anotherCall })
    }
  }

  entering(_tag: "Accept", user: UserId): CallCommand {
    return { _tag, ...this.by(user), ...this.facts() }
  }

  decline(): CallCommand {
    const reason = this.dice.chance(80) ? "declined" : "busy"
    return { _tag: "Decline", ...this.by(this.mostly(this.pending)), reason }
  }

  findBusy(): CallCommand {
    const activeIn = this.dice.pick([anotherCall, thisCall, undefined])
    return { _tag: "FindBusy", userId: this.mostly(this.pending), ...(activeIn && { activeIn }) }
  }

  invite(): CallCommand {
    const { call, dice } = this
    const absent = people.filter((user) => !this.active.includes(user) && !this.pending.includes(user))
    const user = (dice.chance(90) ? dice.pick(absent) : undefined) ?? dice.pick(people)
    const by = dice.chance(90) ? this.mostly(this.active) : call.initiatorId
    return { _tag: "Invite", ...this.by(by), callee: randomCallee(dice, user) }
  }

  join(): CallCommand {
    const { call, dice } = this
    const left = call.participants.filter(({ state }) => state === "left").map(({ userId }) => userId)
    const hidden = call.participants.filter(({ suppressed }) => suppressed !== undefined).map(({ userId }) => userId)
    const user = dice.chance(5) ? dice.pick(hidden) : undefined
    if (user !== undefined) return { _tag: "Join", ...this.by(user), ...this.facts(), granted: true }
    return {
      _tag: "Join",
      ...this.by(this.mostly([...left, ...this.pending])),
      ...this.facts(),
      granted: dice.chance(40)
    }
  }

  kick(): CallCommand {
    const { active, call, dice, pending } = this
    return {
      _tag: "Kick",
      ...this.by(this.mostly([hostOf(call) ?? call.initiatorId])),
      userId: dice.chance(10) ? dice.pick(people) : dice.pick([...active, ...pending]) ?? call.initiatorId
    }
  }

  end(): CallCommand {
    if (this.dice.chance(15)) return { _tag: "End" }
    return { _tag: "End", ...this.by(this.mostly([hostOf(this.call) ?? this.call.initiatorId])) }
  }

  changeMedia(): CallCommand {
    const { dice } = this
    const flag = (name: string) => (dice.chance(50) ? { [name]: dice.chance(50) } : {})
    const changes = { ...flag("audio"), ...flag("video"), ...flag("screen"), ...flag("hold") }
    return { _tag: "ChangeMedia", ...this.by(this.mostly(this.active)), changes }
  }

  sessionEnded(): CallCommand {
    const userId = this.mostly(this.active)
    return {
      _tag: "SessionEnded",
      userId,
      since: participation(this.call, userId)?.reconnecting?.since ?? this.call.updatedAt
    }
  }

  resume(): CallCommand {
    const lost = this.call.participants.filter(({ state }) => state === "reconnecting").map(({ userId }) => userId)
    return {
      _tag: "Resume",
      ...this.by(this.mostly(lost.length > 0 ? lost : this.active)),
      fresh: this.dice.chance(30)
    }
  }

  glare(mood: Mood): CallCommand {
    const { call, dice } = this
    const callee = call.participants.find(({ userId }) => userId !== call.initiatorId)?.userId
    const initiate = randomInitiate(dice, mood, dice.chance(90) ? callee : undefined)
    const crossing = { userId: call.initiatorId, busy: false, blocked: false }
    const { groupId: _, ...direct } = initiate
    return dice.chance(80) ? { ...direct, callees: [crossing] } : initiate
  }

  /** A link to speak on, by one of its ends to the other; the addressee may be left out in a direct call. */
  along(from?: (link: Link) => UserId | undefined, fits: (link: Link) => boolean = () => true) {
    const { call, dice } = this
    const open = call.links.filter((link) => link.transport !== "closed" && fits(link))
    const link = dice.chance(90) ? dice.pick(open) : dice.pick(call.links)
    if (link === undefined) return { ...this.by(this.mostly(this.active)), to: dice.pick(people), link }
    const intended = from?.(link)
    const by = intended !== undefined && dice.chance(85) ? intended : dice.pick([link.a, link.b])
    const to = by === link.a ? link.b : link.a
    const omitted = dice.chance(call.kind === "direct" ? 50 : 4)
    return { ...this.by(by), ...(!omitted && { to: dice.chance(97) ? to : dice.pick(people) }), link }
  }

  /** The number that is right as a rule, left out as often, or one near it. */
  numbered(right: number): { readonly negotiation?: number } {
    if (this.dice.chance(50)) return {}
    return { negotiation: this.dice.chance(85) ? right : right + this.dice.below(5) - 3 }
  }

  offer(): CallCommand {
    const { link, ...along } = this.along((link) =>
      link.negotiation === link.openedAtNegotiation ? link.offerer : undefined
    )
    return {
      _tag: "Offer",
      ...along,
      ...this.numbered((link?.negotiation ?? 0) + 1),
      digest: `offer-${this.dice.below(6)}`
    }
  }

  answer(): CallCommand {
    const offered = this.call.links.filter(({ signalling }) => signalling === "offering")
    const { link, ...along } = this.along(({ a, b, offer }) => offer && (offer.from === a ? b : a))
    const aimed = offered.length > 0 && this.dice.chance(90) ? this.dice.pick(offered) : undefined
    const user = aimed?.offer && (aimed.offer.from === aimed.a ? aimed.b : aimed.a)
    const to = aimed?.offer && { to: aimed.offer.from }
    const said = user === undefined ? along : { ...this.by(user), ...to }
    return {
      _tag: "Answer",
      ...said,
      ...this.numbered((aimed ?? link)?.negotiation ?? 0),
      ...this.facts(),
      digest: `answer-${this.dice.below(6)}`
    }
  }

  candidates(): CallCommand {
    const { dice } = this
    const { link, ...along } = this.along()
    const [count, variety] = dice.chance(8) ? [128 + dice.below(400), 1000] : [dice.below(4), 12]
    return {
      _tag: "Candidates",
      ...along,
      ...this.numbered(link?.negotiation ?? 0),
      digests: Array.from({ length: count }, () => `candidate-${dice.below(variety)}`),
      ...(dice.chance(15) && { endOfCandidates: true })
    }
  }

  reportLink(): CallCommand {
    const { link: _, to, ...along } = this.along(undefined, ({ answered }) => answered)
    return { _tag: "ReportLink", ...along, ...(to && { with: to }), state: this.dice.chance(65) ? "up" : "down" }
  }
}

const commandOf = (dice: Dice, _tag: "Alert", by: UserId): CallCommand => ({
  _tag,
  by,
  ...(dice.chance(80) && { device: dice.pick([phone, laptop]) })
})

const randomCallee = (dice: Dice, userId: UserId): Callee => ({
  userId,
  busy: dice.chance(8),
  blocked: dice.chance(8)
})

const planOf = ({ timeouts: _, ...plan }: CallLimits): PlanLimits => plan

/** Asked for as often as not. */
const randomPlan = (dice: Dice) => (dice.chance(50) ? { plan: planOf(randomLimits(dice)) } : {})

const randomLimits = (dice: Dice): CallLimits =>
  limits({
    people: dice.pick([8, 8, 8, 5, 3, 2]),
    callSeconds: dice.pick([86_400, 86_400, 86_400, 3600, 3600, 3600, 300, 30]),
    reason: dice.pick(["max_duration", "plan_limit"]),
    recording: dice.chance(80),
    timeouts: dice.chance(80) ? defaultTimeouts : {
      ring: 1 + dice.below(100),
      resume: dice.below(60),
      resumeWithMedia: dice.below(400),
      media: dice.below(60),
      negotiation: dice.below(60),
      transport: dice.below(60),
      alone: dice.below(60),
      warning: dice.below(90)
    }
  })
