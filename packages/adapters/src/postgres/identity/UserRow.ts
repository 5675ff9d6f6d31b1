/**
 * Reads a user from a row.
 */
import { User } from "@dchat/domain/identity"
import { Schema } from "effect"

export const UserRow = Schema.Struct({ ...User.fields, createdAt: Schema.DateTimeUtcFromDate })

/** The columns of `UserRow`, of the table under the name `users`. */
export const userColumns =
  `users.id, users.status, users.display_name AS "displayName", users.created_at AS "createdAt"`
