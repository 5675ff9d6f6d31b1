/**
 * The timers of a call. Timers are part of the state: events arm them, and no external schedule does.
 */
import { DateTime } from "effect"
import { active, type Call, endsAt, isOver, openLinksOf, participation } from "../model/Call.ts"
import { isOpen, type Link } from "../model/Link.ts"
import { isActive, isPending, type Participation } from "../model/Participation.ts"

/** A running timer, and its purpose. */
export type CallTimer =
  | { readonly name: "ring" | "resume" | "media"; readonly at: DateTime.Utc; readonly person: Participation }
  | { readonly name: "negotiation" | "transport"; readonly at: DateTime.Utc; readonly link: Link }
  | { readonly name: "alone" | "warning" | "end"; readonly at: DateTime.Utc }

/** The timer that is due first, if the call is open. */
export const nextTimer = (call: Call): CallTimer | undefined => {
  if (isOver(call)) return undefined
  let first: CallTimer = { name: "end", at: endsAt(call) }
  const consider = (timer: CallTimer) => {
    if (DateTime.isLessThan(timer.at, first.at)) first = timer
  }
  if (!call.warned) consider({ name: "warning", at: plus(first.at, -call.limits.timeouts.warning) })
  if (call.aloneUntil !== undefined) consider({ name: "alone", at: call.aloneUntil })
  for (const person of call.participants) {
    if (person.ringUntil !== undefined) consider({ name: "ring", at: person.ringUntil, person })
    if (person.resumeUntil !== undefined) consider({ name: "resume", at: person.resumeUntil, person })
    if (person.mediaUntil !== undefined) consider({ name: "media", at: person.mediaUntil, person })
  }
  for (const link of call.links) {
    if (link.negotiationUntil !== undefined) consider({ name: "negotiation", at: link.negotiationUntil, link })
    if (link.transportUntil !== undefined) consider({ name: "transport", at: link.transportUntil, link })
  }
  return first
}

/** The time of the next `Tick` that the call needs. */
export const nextDueAt = (call: Call): DateTime.Utc | undefined => nextTimer(call)?.at

/** Whether the length limit is about to be announced or to end the call. */
export const isAtLimit = (call: Call, at: DateTime.Utc): boolean => {
  if (isOver(call)) return false
  const end = endsAt(call)
  const next = call.warned ? end : plus(end, -call.limits.timeouts.warning)
  return !DateTime.isGreaterThan(next, at)
}

/**
 * Starts the timers whose condition holds since `before`. Stops the timers whose condition no longer holds. Participants
 * and links whose timers stay are the same objects afterwards, because most events change few timers.
 */
export const arm = (before: Call | undefined, call: Call, at: DateTime.Utc): Call => {
  if (isOver(call)) return withoutTimers(call)
  const participants = mapChanged(call.participants, (person) => armPerson(before, call, person, at))
  const isSame = before !== undefined && havePresenceOf(before, call)
  const links = mapChanged(call.links, (link, index) => {
    const earlier = before?.links[index]
    return isSame && earlier === link ? link : armLink(earlier, call, link, at)
  })
  const armed = participants === call.participants && links === call.links ? call : { ...call, participants, links }
  const aloneUntil = isAlone(call) ? call.aloneUntil ?? plus(at, call.limits.timeouts.alone) : undefined
  return withTimer(armed, "aloneUntil", aloneUntil)
}

/** After an outage: moves the deadlines that the outage may have caused to `until` or later. */
export const postpone = (call: Call, until: DateTime.Utc): Call => ({
  ...call,
  participants: call.participants.map((person) => ({
    ...person,
    ...later("resumeUntil", person.resumeUntil, until),
    ...later("mediaUntil", person.mediaUntil, until)
  })),
  links: call.links.map((link) => ({
    ...link,
    ...later("negotiationUntil", link.negotiationUntil, until),
    ...later("transportUntil", link.transportUntil, until)
  }))
})

/** Whether `postpone` would change anything. */
export const isPostponable = (call: Call, until: DateTime.Utc): boolean =>
  [
    ...call.participants.flatMap(({ mediaUntil, resumeUntil }) => [mediaUntil, resumeUntil]),
    ...call.links.flatMap(({ negotiationUntil, transportUntil }) => [negotiationUntil, transportUntil])
  ].some((deadline) => deadline !== undefined && DateTime.isLessThan(deadline, until))

/** The time at which an invitation sent at `at` stops ringing. */
export const ringDeadline = ({ limits }: Call, at: DateTime.Utc): DateTime.Utc => plus(at, limits.timeouts.ring)

const armPerson = (before: Call | undefined, call: Call, person: Participation, at: DateTime.Utc): Participation =>
  armPresence(before, call, armRing(call, person, at), at)

/** An invitation rings until the invited user answers or leaves. */
const armRing = (call: Call, person: Participation, at: DateTime.Utc): Participation => {
  const awaitsAnswer = isPending(person)
  if (awaitsAnswer === (person.ringUntil !== undefined)) return person
  return withTimer(person, "ringUntil", awaitsAnswer ? ringDeadline(call, at) : undefined)
}

const armPresence = (
  before: Call | undefined,
  call: Call,
  person: Participation,
  at: DateTime.Utc
): Participation => {
  const { media } = call.limits.timeouts
  if (!isActive(person) && person.mediaUntil === undefined && person.resumeUntil === undefined) return person
  const awaitsMedia = person.state === "joining" && person.reportsMedia && person.answered && hasPeer(call, person)
  const mediaUntil = awaitsMedia ? person.mediaUntil ?? plus(at, media) : undefined
  const resumeUntil = resumeDeadline(before, call, person, at)
  return withTimer(withTimer(person, "mediaUntil", mediaUntil), "resumeUntil", resumeUntil)
}

/**
 * 30 s after signalling is lost. While media works, at most 5 min, and 30 s after media ends. Media does not extend the
 * deadline if the session has ended.
 */
const resumeDeadline = (
  before: Call | undefined,
  call: Call,
  person: Participation,
  at: DateTime.Utc
): DateTime.Utc | undefined => {
  if (person.reconnecting === undefined) return undefined
  const { resume, resumeWithMedia } = call.limits.timeouts
  const soon = plus(at, resume)
  if (person.reconnecting.signedOut) {
    const wasSignedOut = before !== undefined && participation(before, person.userId)?.reconnecting?.signedOut === true
    const running = person.resumeUntil ?? soon
    return wasSignedOut ? running : DateTime.min(running, soon)
  }
  const latest = plus(person.reconnecting.since, resumeWithMedia)
  const hadMedia = before !== undefined &&
    before.participants.some(({ state, userId }) => userId === person.userId && state === "reconnecting") &&
    hasMedia(before, person)
  const furthest = DateTime.max(latest, person.resumeUntil ?? latest)
  if (hasMedia(call, person)) return furthest
  if (hadMedia) return DateTime.min(soon, furthest)
  return person.resumeUntil ?? plus(person.reconnecting.since, resume)
}

const hasMedia = (call: Call, person: Participation): boolean =>
  openLinksOf(call, person.userId).some(({ transport }) => transport === "up")

/** Whether an active peer is present. A user who is alone, or whose peers are away, waits for a peer first. */
const hasPeer = (call: Call, person: Participation): boolean =>
  openLinksOf(call, person.userId).some(({ a, b }) => isPresent(participation(call, a === person.userId ? b : a)))

const armLink = (before: Link | undefined, call: Call, link: Link, at: DateTime.Utc): Link => {
  const isIdle = link.signalling === "stable" && (link.transport === "up" || link.transport === "new")
  if (isIdle && link.negotiationUntil === undefined && link.transportUntil === undefined) return link
  const a = participation(call, link.a)
  const b = participation(call, link.b)
  const { negotiation, transport } = call.limits.timeouts
  const awaitsAnswer = isOpen(link) && link.signalling === "offering" && isPresent(a) && isPresent(b)
  const awaitsTransport = link.transport === "down" ||
    (link.transport === "checking" && (a?.reportsMedia === true || b?.reportsMedia === true))
  const running = before?.transport === link.transport ? link.transportUntil : undefined
  const negotiationUntil = awaitsAnswer ? link.negotiationUntil ?? plus(at, negotiation) : undefined
  const transportUntil = awaitsTransport ? running ?? plus(at, transport) : undefined
  return withTimer(withTimer(link, "negotiationUntil", negotiationUntil), "transportUntil", transportUntil)
}

/** Whether the users are as present as before. The timers of a link depend on nothing else outside of the link. */
const havePresenceOf = (before: Call, call: Call): boolean =>
  call.participants.every((person, index) => {
    const earlier = before.participants[index]
    return person === earlier || (person.state === earlier?.state && person.reportsMedia === earlier.reportsMedia)
  })

const isPresent = (person: Participation | undefined): boolean =>
  person?.state === "joining" || person?.state === "joined"

const isAlone = (call: Call): boolean =>
  call.kind === "group" && call.phase === "connected" && !call.participants.some(isPending) && active(call).length === 1

const withoutTimers = (call: Call): Call => ({
  ...without(call, "aloneUntil"),
  participants: call.participants.map((person) => without(person, "ringUntil", "resumeUntil", "mediaUntil")),
  links: call.links.map((link) => without(link, "negotiationUntil", "transportUntil"))
})

/** Sets the timer, or removes its key if `at` is undefined. Returns the same object if nothing changes. */
const withTimer = <Name extends string, A extends { readonly [K in Name]?: DateTime.Utc }>(
  from: A,
  name: Name,
  at: DateTime.Utc | undefined
): A => {
  if (from[name] === at) return from
  return at === undefined ? without(from, name) as unknown as A : { ...from, [name]: at }
}

/** Changes the items. Returns the same array if no item changes. */
const mapChanged = <A>(items: ReadonlyArray<A>, change: (item: A, index: number) => A): ReadonlyArray<A> => {
  const changed = items.map(change)
  return changed.every((item, index) => item === items[index]) ? items : changed
}

const later = <Name extends string>(
  name: Name,
  deadline: DateTime.Utc | undefined,
  until: DateTime.Utc
): { readonly [K in Name]?: DateTime.Utc } =>
  deadline === undefined ? {} : { [name]: DateTime.max(deadline, until) } as { readonly [K in Name]: DateTime.Utc }

const plus = (at: DateTime.Utc, seconds: number): DateTime.Utc => DateTime.add(at, { seconds })

const without = <A extends object, K extends keyof A>(from: A, ...keys: ReadonlyArray<K>): Omit<A, K> =>
  keys.reduce<Omit<A, K>>((rest, key) => {
    if (!(key in rest)) return rest
    const { [key as never]: _, ...others } = rest
    return others as Omit<A, K>
  }, from)
