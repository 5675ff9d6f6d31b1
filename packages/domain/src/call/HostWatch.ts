/**
 * Detects that another host is dead, or that this host was cut off. The inputs are the renewals of other hosts and the
 * monotonic clock of this host. The clocks of two hosts are never compared.
 */
import type { HostId } from "./model/CallIds.ts"
import type { HostBeat, Renewal } from "./ports/CallLeases.ts"

/** How often a host renews itself, in seconds. */
export const beatSeconds = 5

/** A host that could not renew itself for this many seconds was cut off. Such a host ends no call. */
export const lateSeconds = 10

/** Seconds after which a host takes another host without renewal for dead. */
export const hostLifetimeSeconds = 15

/** Seconds after which a new host that saw no other host renew itself is alone. */
const aloneSeconds = 7

/**
 * Number of surplus renewals of another host which show that this host was suspended. The number exceeds the renewals
 * that a new host makes while it looks for other hosts.
 */
const suspended = 6

/** The state of a host and of its peers. Times are readings of this host's monotonic clock, in milliseconds. */
export interface HostWatch {
  /**
   * `waiting`: the host is new and does not know yet whether other hosts live. `cut off`: the host must repair an
   * outage before a sweep. `well`: the host may sweep.
   */
  readonly state: "waiting" | "cut off" | "well"
  /** Number of outages. */
  readonly outages: number
  readonly startedAt: number
  readonly renewedAt: number
  /** The last beat of each peer, and the time at which this beat was first seen. */
  readonly peers: ReadonlyMap<HostId, { readonly beat: number; readonly since: number }>
}

/** The state of a host that starts. Without other hosts, the start follows an outage. */
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

/** Marks the host as cut off. */
export const cutOff = (watch: HostWatch): HostWatch => ({
  ...watch,
  state: "cut off",
  outages: watch.outages + 1
})

/** Marks the outages up to number `outages` as repaired. */
export const mended = (watch: HostWatch, outages: number): HostWatch =>
  watch.outages === outages && watch.state === "cut off" ? { ...watch, state: "well" } : watch

/** Whether other hosts may take this host for dead, so that this host must not act on its state. */
export const isLate = (watch: HostWatch, at: number): boolean => at - watch.renewedAt > lateSeconds * 1000

/** The other hosts that have not renewed themselves for the lifetime of a host. */
export const silent = (watch: HostWatch, at: number): ReadonlyArray<HostBeat> =>
  [...watch.peers].flatMap(([id, { beat, since }]) => at - since >= hostLifetimeSeconds * 1000 ? [{ id, beat }] : [])

/** Whether the machine slept. Sleep also stops the monotonic clock, but other hosts continue to renew themselves. */
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
