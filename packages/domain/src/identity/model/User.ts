/**
 * The short form of a user, for other users and for sessions.
 */
import { Schema } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { UserId } from "./UserId.ts"

/**
 * - `disabled`: an administrator disabled the user, who can neither sign in nor be found.
 * - `merged`: the user was merged into another user, whom the tombstone names.
 * - `deleted`: the user deleted the account; no personal data is left.
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
