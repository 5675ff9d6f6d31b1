/**
 * The activity of an identity, as its user reads it.
 */
import {
  type Activity,
  ChainId,
  Origin,
  SessionId,
  SignInMethod,
  UserId,
  WalletAddress,
  WalletId
} from "@dchat/domain/identity"
import { Schema } from "effect"
import { Time } from "./Time.ts"

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
  "TokenStolen",
  "Absorbed",
  "MergedInto",
  "Disabled",
  "Enabled",
  "Deleted"
])

export const ActivityView = Schema.Struct({
  /** 1 for the first thing that happened, and without gaps. */
  seq: Schema.Int,
  at: Time,
  type: ActivityType,
  /** The method by which the user signed in or authenticated again. */
  method: Schema.optionalKey(SignInMethod),
  /** The wallet it is about; its address while the user has it. */
  wallet: Schema.optionalKey(
    Schema.Struct({
      id: WalletId,
      address: Schema.optionalKey(WalletAddress),
      chainId: Schema.optionalKey(ChainId)
    }).annotate({ identifier: "ActivityWallet" })
  ),
  /** The other user of a merge. */
  userId: Schema.optionalKey(UserId),
  by: Schema.Union([
    /** Oneself, in this session; from where, while the session is there. */
    Schema.Struct({ type: Schema.Literal("you"), sessionId: Schema.optionalKey(SessionId), ...Origin.fields }).annotate(
      {
        identifier: "ByUser"
      }
    ),
    /** The server by itself. */
    Schema.Struct({ type: Schema.Literal("system") }).annotate({ identifier: "BySystem" }),
    Schema.Struct({ type: Schema.Literal("admin"), reason: Schema.String }).annotate({ identifier: "ByAdmin" })
  ])
}).annotate({ identifier: "Activity" })
export type ActivityView = typeof ActivityView.Type

const detailsOf = ({ event, wallet }: Activity): Pick<ActivityView, "method" | "wallet" | "userId"> => {
  switch (event._tag) {
    case "Registered":
    case "SignedIn":
    case "Reauthenticated":
      return { method: event.method }
    case "WalletLinked":
    case "WalletUnlinked":
    case "PrimaryWalletChanged":
      return {
        wallet: {
          id: event.walletId,
          ...(wallet === undefined ? {} : { address: wallet.address }),
          ...(wallet?.chainId === undefined ? {} : { chainId: wallet.chainId })
        }
      }
    case "Absorbed":
    case "MergedInto":
      return { userId: event.userId }
    default:
      return {}
  }
}

const authorOf = ({ cause, origin }: Activity): ActivityView["by"] =>
  cause._tag === "System" ? { type: "system" } : cause._tag === "Admin"
    ? { type: "admin", reason: cause.reason }
    : { type: "you", ...(cause.sessionId === undefined ? {} : { sessionId: cause.sessionId }), ...origin }

export const activityViewOf = (activity: Activity): ActivityView => ({
  seq: activity.seq,
  at: activity.at,
  type: activity.event._tag,
  ...detailsOf(activity),
  by: authorOf(activity)
})
