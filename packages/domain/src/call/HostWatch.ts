/**
 * How a host tells that another is dead, and that it was cut off itself: by what it sees of the others' renewals, and by
 * its own monotonic clock. No two clocks are ever compared.
 */
import type { HostId } from "./model/CallIds.ts"
import type { HostBeat, Renewal } from "./ports/CallLeases.ts"

/** How often a host renews itself, in seconds. */
export const beatSeconds = 5

/** A host that could not renew itself for this long was cut off, in seconds. It ends nobody's call. */
export const lateSeconds = 10

/** A host is taken for dead by another that has seen it unchanged for this long, in seconds. */
export const hostLifetimeSeconds = 15

/** A new host that has seen no other renew itself for this long is alone, in seconds. */
const aloneSeconds = 7

/**
 * Renewals of another host, beyond those there was time for, that say that this one was suspended: more than a new host
 * makes while it looks for others.
 */
const suspended = 6

/** What a host knows of itself and of the others. Times are readings of its monotonic clock, in milliseconds. */
export interface HostWatch {
  /**
   * `waiting`: it is new, and does not know yet whether others live. `cut off`: an outage is to be mended before
   * anything is swept. `well`: it may sweep.
   */
  readonly state: "waiting" | "cut off" | "well"
  /** How many outages there were. */
  readonly outages: number
  readonly startedAt: number
  readonly renewedAt: number
  /** The last beat that was seen of each, and when it was new. */
  readonly peers: ReadonlyMap<HostId, { readonly beat: number; readonly since: number }>
}

/** A host that starts. Where there is no other, an outage lies behind it. */
export const start = (renewal: Renewal, at: number): HostWatch => ({
  state: renewal.others.length === 0 ? "cut off" : "waiting",
  outages: 1,
  startedAt: at,
  renewedAt: at,
  peers: seen(new Map(), renewal.others, at)
})

/** The host has renewed itself. */
export const renewed = (watch: HostWatch, renewal: Renewal, at: number): HostWatch => {
  if (isLate(watch, at) || renewal.isNew || wasSuspended(watch, renewal, at)) {
    return { ...cutOff(watch), renewedAt: at, peers: seen(new Map(), renewal.others, at) }
  }
  const now = { ...watch, renewedAt: at, peers: seen(watch.peers, renewal.others, at) }
  if (watch.state !== "waiting") return now
  if (renewal.others.some(({ beat, id }) => beat > (watch.peers.get(id)?.beat ?? beat))) {
    return { ...now, state: "well" }
  }
  return renewal.others.length === 0 || at - watch.startedAt >= aloneSeconds * 1000 ? cutOff(now) : now
}

/** Something shows that the host was cut off. */
export const cutOff = (watch: HostWatch): HostWatch => ({
  ...watch,
  state: "cut off",
  outages: watch.outages + 1
})

/** What the outages up to number `outages` may have done is mended. */
export const mended = (watch: HostWatch, outages: number): HostWatch =>
  watch.outages === outages && watch.state === "cut off" ? { ...watch, state: "well" } : watch

/** Whether this host may be taken for dead by others, so that what it knows is not to be acted upon. */
export const isLate = (watch: HostWatch, at: number): boolean => at - watch.renewedAt > lateSeconds * 1000

/** The others that have not renewed themselves for as long as a host lives. */
export const silent = (watch: HostWatch, at: number): ReadonlyArray<HostBeat> =>
  [...watch.peers].flatMap(([id, { beat, since }]) => at - since >= hostLifetimeSeconds * 1000 ? [{ id, beat }] : [])

/** A machine that sleeps stops the monotonic clock, too; but other hosts have gone on. */
export const wasSuspended = (watch: HostWatch, { others }: Renewal, at: number): boolean =>
  others.some(({ beat, id }) =>
    beat - (watch.peers.get(id)?.beat ?? beat) >= (at - watch.renewedAt) / (beatSeconds * 1000) + suspended
  )

const seen = (
  peers: HostWatch["peers"],
  others: ReadonlyArray<HostBeat>,
  at: number
): HostWatch["peers"] =>
  new Map(others.map(({ beat, id }) => {
    const known = peers.get(id)
    return [id, known?.beat === beat ? known : { beat, since: at }]
  }))
