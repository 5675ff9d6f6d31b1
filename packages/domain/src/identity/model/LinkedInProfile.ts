/**
 * The LinkedIn profile of a user: the claims of OpenID Connect Core 1.0, 5.1, that the LinkedIn product provides.
 */
import { Schema } from "effect"

/** `sub`: identifies the user within one application at LinkedIn. Another application sees another subject. */
export const LinkedInSubject = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,255}$/)).pipe(
  Schema.brand("LinkedInSubject")
)
export type LinkedInSubject = typeof LinkedInSubject.Type

/** The application's id at LinkedIn (OAuth 2.0, RFC 6749, 2.2). */
export const LinkedInClientId = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,255}$/)).pipe(
  Schema.brand("LinkedInClientId")
)
export type LinkedInClientId = typeof LinkedInClientId.Type

export const LinkedInProfile = Schema.Struct({
  subject: LinkedInSubject,
  /** The full name; empty if LinkedIn gave none. */
  name: Schema.String.check(Schema.isMaxLength(300)),
  email: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(320))),
  /** Whether LinkedIn calls the address verified. The address never decides identity. */
  emailVerified: Schema.Boolean,
  /** URL of a picture, which may expire. */
  picture: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2048))),
  /** BCP 47, as in `en-US`. */
  locale: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(35)))
})
export type LinkedInProfile = typeof LinkedInProfile.Type
