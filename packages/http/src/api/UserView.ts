/**
 * A person as they see themselves, and their session.
 */
import {
  DisplayName,
  type Session,
  SessionId,
  type User,
  UserId,
  type Wallet,
  WalletAddress,
  WalletId,
  WalletKind
} from "@dchat/domain/identity"
import { Schema } from "effect"

const Time = Schema.DateTimeUtcFromString

export const UserView = Schema.Struct({
  id: UserId,
  displayName: DisplayName,
  createdAt: Time,
  /** The primary one first. */
  wallets: Schema.Array(Schema.Struct({
    id: WalletId,
    kind: WalletKind,
    address: WalletAddress,
    isPrimary: Schema.Boolean,
    verifiedAt: Time
  }))
}).annotate({ identifier: "User" })
export type UserView = typeof UserView.Type

export const userViewOf = ({ createdAt, displayName, id }: User, wallets: ReadonlyArray<Wallet>): UserView => ({
  id,
  displayName,
  createdAt,
  wallets: wallets.map(({ userId: _, ...wallet }) => wallet)
})

export const SessionView = Schema.Struct({
  id: SessionId,
  createdAt: Time,
  /** When the person last proved who they are. */
  authenticatedAt: Time,
  /** It ends then at the latest; unused for seven days, before. */
  expiresAt: Time
}).annotate({ identifier: "Session" })
export type SessionView = typeof SessionView.Type

export const sessionViewOf = ({ absoluteExpiresAt, authenticatedAt, createdAt, id }: Session): SessionView => ({
  id,
  createdAt,
  authenticatedAt,
  expiresAt: absoluteExpiresAt
})
