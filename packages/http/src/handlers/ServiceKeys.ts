/**
 * Authenticates services of the installation by a shared key.
 */
import { Effect, Redacted } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import { ServiceKeyRequired } from "../api/RequestErrors.ts"
import { HostSettings } from "../config/HostSettings.ts"

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Every key is compared, by digests of one length, so that the time tells nothing of them. */
const isKnown = (keys: ReadonlyArray<Redacted.Redacted<string>>, given: string): boolean => {
  const digest = digestOf(given)
  return keys.map((key) => timingSafeEqual(digestOf(Redacted.value(key)), digest)).includes(true)
}

export const requireServiceKey = Effect.fnUntraced(function*(authorization: string | undefined) {
  const { serviceKeys = [] } = yield* HostSettings
  const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1]
  if (given === undefined || !isKnown(serviceKeys, given)) return yield* new ServiceKeyRequired()
})
