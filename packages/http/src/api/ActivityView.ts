/**
 * The activity of an identity in the view of its user.
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

/** The names of the events. */
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
  /** The number of the entry, from 1 and without gaps. */
  seq: Schema.Int,
  at: Time,
  type: ActivityType,
  /** The method by which the user signed in or authenticated again. */
  method: Schema.optionalKey(SignInMethod),
  /** The wallet of the event. The address is present while the user has the wallet. */
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
    /** The user caused the event in this session. The origin of the session is present while the session is stored. */
    Schema.Struct({ type: Schema.Literal("you"), sessionId: Schema.optionalKey(SessionId), ...Origin.fields }).annotate(
      {
        identifier: "ByUser"
      }
    ),
    /** The host caused the event. */
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
