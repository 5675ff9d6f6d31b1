/**
 * A LinkedIn account that a user has proved to hold.
 */
import { Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { LinkedInClientId, LinkedInProfile } from "./LinkedInProfile.ts"
import { UserId } from "./UserId.ts"

export const LinkedAccountId = UuidV7.pipe(Schema.brand("LinkedAccountId"))
export type LinkedAccountId = typeof LinkedAccountId.Type

export const LinkedAccount = Schema.Struct({
  id: LinkedAccountId,
  userId: UserId,
  provider: Schema.Literal("linkedin"),
  /** The application that knows the subject. The account no longer signs in once another application is configured. */
  clientId: LinkedInClientId,
  profile: LinkedInProfile,
  linkedAt: Schema.DateTimeUtc,
  lastSyncAt: Schema.DateTimeUtc
})
export type LinkedAccount = typeof LinkedAccount.Type
