/**
 * The stored part of identity events: ids, and no personal data. Names, e-mail addresses, wallet addresses and IP
 * addresses stay with their source (the user, the wallet, the LinkedIn account, the session) and are deleted with that
 * source.
 */
import { Schema } from "effect"
import type { AuditCause } from "./AuditEvent.ts"
import { type IdentityEvent, SignInMethod } from "./IdentityEvent.ts"
import { LinkedAccountId } from "./LinkedAccount.ts"
import { SessionId } from "./Session.ts"
import { TemporaryWalletRef } from "./TemporaryWallet.ts"
import { UserId } from "./UserId.ts"
import { WalletId } from "./Wallet.ts"

export const RecordedEvent = Schema.TaggedUnion({
  Registered: { userId: UserId, method: SignInMethod },
  SignedIn: { method: SignInMethod },
  Reauthenticated: { method: SignInMethod },
  WalletLinked: { walletId: WalletId },
  WalletUnlinked: { walletId: WalletId },
  PrimaryWalletChanged: { walletId: WalletId },
  TemporaryWalletAssigned: { ref: TemporaryWalletRef },
  TemporaryWalletRetired: { ref: TemporaryWalletRef },
  AccountLinked: { accountId: LinkedAccountId },
  AccountUnlinked: { accountId: LinkedAccountId },
  AccountSynced: { accountId: LinkedAccountId },
  NameFollowed: {},
  /** The lines that were edited. */
  ProfileEdited: { fields: Schema.Array(Schema.Literals(["displayName", "company", "position"])) },
  TokenStolen: { sessionId: SessionId },
  Absorbed: { userId: UserId },
  MergedInto: { userId: UserId },
  Disabled: {},
  Enabled: {},
  Deleted: {}
})
export type RecordedEvent = typeof RecordedEvent.Type

export const RecordedCause = Schema.TaggedUnion({
  /** The user, in this session; without an id if no session was opened. */
  User: { sessionId: Schema.optionalKey(SessionId) },
  System: {},
  Admin: { actor: Schema.String, reason: Schema.String }
})
export type RecordedCause = typeof RecordedCause.Type

const editable = ["displayName", "company", "position"] as const

/** An event without personal data. */
export const recordOf = (event: IdentityEvent): RecordedEvent => {
  switch (event._tag) {
    case "Registered":
      return { _tag: "Registered", userId: event.userId, method: event.method }
    case "WalletLinked":
      return { _tag: "WalletLinked", walletId: event.wallet.id }
    case "TemporaryWalletAssigned":
      return { _tag: "TemporaryWalletAssigned", ref: event.temporaryWallet.ref }
    case "AccountLinked":
      return { _tag: "AccountLinked", accountId: event.account.id }
    case "AccountSynced":
      return { _tag: "AccountSynced", accountId: event.accountId }
    case "NameFollowed":
      return { _tag: "NameFollowed" }
    case "ProfileEdited":
      return { _tag: "ProfileEdited", fields: editable.filter((field) => event[field] !== undefined) }
    case "Disabled":
    case "Enabled":
      return { _tag: event._tag }
    default:
      return event
  }
}

/** A cause without personal data. The reason of an administrator is stored in the administrator's own words. */
export const recordedCauseOf = (cause: AuditCause): RecordedCause =>
  cause._tag === "User"
    ? { _tag: "User", ...(cause.sessionId === undefined ? {} : { sessionId: cause.sessionId }) }
    : cause
