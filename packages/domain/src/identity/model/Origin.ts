/**
 * The origin of a request, in terms that the user recognises.
 */
import { Schema } from "effect"

export const Origin = Schema.Struct({
  userAgent: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(256))),
  /** IP address of the client, as far as the proxies in between are trusted. */
  address: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64)))
})
export type Origin = typeof Origin.Type

/** Cuts the headers of a request to the stored length: 256 UTF-16 units, without half a character at the end. */
export const originOf = (request: {
  readonly userAgent?: string | undefined
  readonly address?: string | undefined
}): Origin => {
  const userAgent = request.userAgent?.replaceAll("\0", "").slice(0, 256).replace(/[\uD800-\uDBFF]$/, "")
  return {
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(request.address === undefined ? {} : { address: request.address.slice(0, 64) })
  }
}
