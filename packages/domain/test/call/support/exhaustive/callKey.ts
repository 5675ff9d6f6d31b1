/**
 * The key of a call at a time: all that the rules see of the call, as a text. Two calls with the same key take the same
 * steps from now on.
 */
import { type Call, endsAt, isOver } from "@dchat/domain/call"
import { DateTime } from "effect"

/**
 * Facts of the past that no rule reads, and the timeouts, which never change. `answeredAt` and `initiatedAt` only move
 * the end of the call, which the key contains.
 */
const unread: ReadonlySet<string> = new Set<keyof Call | keyof Call["participants"][number] | "timeouts">([
  "seq",
  "lastSeq",
  "initiatedAt",
  "answeredAt",
  "mediaConnectedAt",
  "updatedAt",
  "endedAt",
  "joinedAt",
  "leftAt",
  "timeouts"
])

/** Times become milliseconds from now. Numbers of events become an order. */
export const callKey = (call: Call, now: DateTime.Utc): string => {
  const started = DateTime.toEpochMillis(now)
  const fromNow = (time: DateTime.Utc): number => DateTime.toEpochMillis(time) - started

  const reduce = (value: unknown): unknown => {
    if (DateTime.isDateTime(value)) return DateTime.toEpochMillis(value) - started
    if (Array.isArray(value)) return value.map(reduce)
    if (typeof value !== "object" || value === null) return value
    const reduced: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(value).toSorted(byName)) {
      if (!unread.has(name)) reduced[name] = reduce(member)
    }
    return reduced
  }

  const order = call.participants.flatMap(({ acceptedSeq }) => acceptedSeq ?? []).toSorted((one, other) => one - other)
  return JSON.stringify(reduce({
    ...call,
    participants: call.participants.map(({ acceptedSeq, ...person }) => ({
      ...person,
      accepted: acceptedSeq === undefined ? undefined : order.indexOf(acceptedSeq)
    })),
    links: call.links.map((link) => ({
      ...link,
      offeredAt: link.offeredAt.filter((time) => fromNow(time) > -offersCountFor)
    })),
    recorders: call.recorders?.map(({ by }) => by),
    isAnswered: call.answeredAt !== undefined,
    end: isOver(call) ? undefined : endsAt(call)
  }))
}

/** Two equal states may have their keys in another order. */
const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => one < other ? -1 : 1

/** Milliseconds for which an offer counts against the limit of offers. */
const offersCountFor = 60_000
