/**
 * What happened to somebody's identity, as they read it.
 */
import {
  type AuditEvent,
  ChainId,
  type IdentityEvent,
  Origin,
  SessionId,
  SignInMethod,
  UserId,
  WalletAddress,
  WalletId
} from "@dchat/domain/identity"
import { Schema } from "effect"

/** Names of what can have happened. */
const ActivityType = Schema.Literals([
  "Registered",
  "SignedIn",
  "Reauthenticated",
  "WalletLinked",
  "WalletUnlinked",
  "PrimaryWalletChanged",
  "TemporaryWalletAssigned",
  "TemporaryWalletRetired",
  "AccountLinked",
  "AccountUnlinked",
  "AccountSynced",
  "NameFollowed",
  "ProfileEdited",
  "Absorbed",
  "MergedInto",
  "Disabled",
  "Enabled",
  "Deleted"
])

export const ActivityView = Schema.Struct({
  /** 1 for the first thing that happened, and without gaps. */
  seq: Schema.Int,
  at: Schema.DateTimeUtcFromString,
  type: ActivityType,
  /** How one signed in or proved again who one is. */
  method: Schema.optionalKey(SignInMethod),
  /** The wallet it is about. */
  wallet: Schema.optionalKey(Schema.Struct({
    id: WalletId,
    address: Schema.optionalKey(WalletAddress),
    chainId: Schema.optionalKey(ChainId)
  })),
  /** The other person of a merge. */
  userId: Schema.optionalKey(UserId),
  by: Schema.Union([
    /** Oneself, in this session unless it was signing in that opened one. */
    Schema.Struct({ type: Schema.Literal("you"), sessionId: Schema.optionalKey(SessionId), ...Origin.fields }),
    Schema.Struct({ type: Schema.Literal("admin"), reason: Schema.String })
  ])
}).annotate({ identifier: "Activity" })
export type ActivityView = typeof ActivityView.Type

const detailsOf = (event: IdentityEvent): Pick<ActivityView, "method" | "wallet" | "userId"> => {
  switch (event._tag) {
    case "Registered":
    case "SignedIn":
    case "Reauthenticated":
      return { method: event.method }
    case "WalletLinked": {
      const { address, chainId, id } = event.wallet
      return { wallet: { id, address, ...(chainId === undefined ? {} : { chainId }) } }
    }
    case "WalletUnlinked":
    case "PrimaryWalletChanged":
      return { wallet: { id: event.walletId } }
    case "Absorbed":
    case "MergedInto":
      return { userId: event.userId }
    default:
      return {}
  }
}

const authorOf = (cause: AuditEvent["cause"]): ActivityView["by"] =>
  cause._tag === "Admin"
    ? { type: "admin", reason: cause.reason }
    : { type: "you", ...(cause.sessionId === undefined ? {} : { sessionId: cause.sessionId }), ...cause.origin }

export const activityViewOf = ({ at, cause, event, seq }: AuditEvent): ActivityView => ({
  seq,
  at,
  type: event._tag,
  ...detailsOf(event),
  by: authorOf(cause)
})
