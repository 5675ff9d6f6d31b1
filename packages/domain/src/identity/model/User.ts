/**
 * The short form of a user, for other users and for sessions.
 */
import { Schema } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { UserId } from "./UserId.ts"

/**
 * - `disabled`: by an administrator; can neither sign in nor be found.
 * - `merged`: has become part of another person; the tombstone says who.
 * - `deleted`: by themselves; nothing personal is left.
 */
export const UserStatus = Schema.Literals(["active", "disabled", "merged", "deleted"])
export type UserStatus = typeof UserStatus.Type

export const User = Schema.Struct({
  id: UserId,
  status: UserStatus,
  displayName: DisplayName,
  createdAt: Schema.DateTimeUtc
})
export type User = typeof User.Type
