/** Who this window is. Everything lives in sessionStorage, so two windows of one browser are two people. */

const keys = { device: "dchat.device", token: "dchat.token", secret: "dchat.key", address: "dchat.address" } as const

const read = (key: keyof typeof keys): string | undefined => sessionStorage.getItem(keys[key]) ?? undefined
const write = (key: keyof typeof keys, value: string | undefined): void =>
  value === undefined ? sessionStorage.removeItem(keys[key]) : sessionStorage.setItem(keys[key], value)

export const windowIdentity = {
  get token(): string | undefined {
    return read("token")
  },
  set token(value: string | undefined) {
    write("token", value)
  },
  /** The address with which this window signed in. */
  get address(): string | undefined {
    return read("address")
  },
  set address(value: string | undefined) {
    write("address", value)
  },
  /** The private key that was made here, while this window goes by one. */
  get secret(): string | undefined {
    return read("secret")
  },
  set secret(value: string | undefined) {
    write("secret", value)
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
 * somebody new. A reloaded page may have to wait a moment until its predecessor has let go.
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
