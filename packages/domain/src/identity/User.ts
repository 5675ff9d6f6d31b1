/**
 * A person who can sign in.
 */
import { Schema } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { UserId } from "./UserId.ts"

/** A disabled person can neither sign in nor be found. */
export const UserStatus = Schema.Literals(["active", "disabled"])
export type UserStatus = typeof UserStatus.Type

export const User = Schema.Struct({
  id: UserId,
  status: UserStatus,
  displayName: DisplayName,
  createdAt: Schema.DateTimeUtc
})
export type User = typeof User.Type
