/** The identity of this window. All of it is in sessionStorage, so two windows of one browser can have two users. */
import { type Intent } from "./intent.ts"

const keys = {
  device: "dchat.device",
  token: "dchat.token",
  throwAway: "dchat.keys",
  apart: "dchat.apart",
  roundTrip: "dchat.round-trip"
} as const

const read = (key: keyof typeof keys): string | undefined => sessionStorage.getItem(keys[key]) ?? undefined
const write = (key: keyof typeof keys, value: string | undefined): void =>
  value === undefined ? sessionStorage.removeItem(keys[key]) : sessionStorage.setItem(keys[key], value)

/** A private key that was made in this window. */
export interface ThrowAwayKey {
  readonly address: string
  readonly secret: string
}

/** Why this window has gone to LinkedIn, and what is to go on when it comes back. */
export interface RoundTrip {
  readonly mode: "login" | "link" | "reauth"
  readonly intent?: Intent
  /** When the session had been proved last. */
  readonly provedAt?: string
  /** The token of this window's session from the moment of linking. */
  readonly nextToken?: string
}

export const isSameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

export const windowIdentity = {
  /** The token of a session of this window alone. Without one, the window uses the cookie of the browser. */
  get token(): string | undefined {
    return read("token")
  },
  set token(value: string | undefined) {
    write("token", value)
  },
  /** The key of the last sign-in here comes first. */
  get throwAwayKeys(): ReadonlyArray<ThrowAwayKey> {
    return JSON.parse(read("throwAway") ?? "[]") as ReadonlyArray<ThrowAwayKey>
  },
  keepKey(key: ThrowAwayKey): void {
    write("throwAway", JSON.stringify([...this.throwAwayKeys, key]))
  },
  signedInBy(used: string): void {
    const isFirst = ({ address }: ThrowAwayKey) => Number(isSameAddress(address, used))
    write("throwAway", JSON.stringify(this.throwAwayKeys.toSorted((one, other) => isFirst(other) - isFirst(one))))
  },
  forgetKeys(): void {
    write("throwAway", undefined)
  },
  /** Whether this window has another user than the cookie of the browser. */
  get apart(): boolean {
    return read("apart") !== undefined
  },
  set apart(value: boolean) {
    write("apart", value ? "yes" : undefined)
  },
  set roundTrip(trip: RoundTrip) {
    write("roundTrip", JSON.stringify(trip))
  },
  /** Why this window was at LinkedIn, told once. */
  takeRoundTrip(): RoundTrip | undefined {
    const trip = read("roundTrip")
    write("roundTrip", undefined)
    return trip === undefined ? undefined : JSON.parse(trip) as RoundTrip
  }
}

/** Takes the device's name for as long as the page lives; false when another window has it. */
const hold = (device: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (navigator.locks === undefined) return resolve(true)
    navigator.locks.request(`dchat ${device}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      return lock === null ? undefined : new Promise(() => {})
    }).catch(() => resolve(true))
  })

/**
 * The id of this window. A duplicated tab starts with a copy of the other's storage: it forgets that and becomes
 * a new device. A reloaded page may have to wait a moment until its predecessor has released the id.
 */
export const claimDevice = async (): Promise<string> => {
  const known = read("device")
  if (known !== undefined) {
    if (await hold(known)) return known
    await new Promise((resolve) => setTimeout(resolve, 400))
    if (await hold(known)) return known
    for (const key of Object.keys(keys)) write(key as keyof typeof keys, undefined)
  }
  const device = `web-${crypto.randomUUID()}`
  write("device", device)
  await hold(device)
  return device
}
