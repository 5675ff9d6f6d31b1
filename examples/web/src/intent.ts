/** A change that a user wants to make to the account. Plain data, because it outlives a round trip to LinkedIn. */
import { type ProfileFields } from "./dchat-identity.ts"

export type WalletSource = "browser" | "throw-away"
export type Intent =
  | { readonly type: "save-profile"; readonly fields: ProfileFields }
  | { readonly type: "link-linkedin" | "sync-linkedin" | "reauthorize-linkedin" | "unlink-linkedin" }
  | { readonly type: "link-wallet"; readonly from: WalletSource }
  | { readonly type: "make-primary" | "unlink-wallet"; readonly walletId: string }
  | { readonly type: "end-session"; readonly sessionId: string }
  | { readonly type: "end-other-sessions" | "delete-account" }

/** The part of the account screen to which it belongs. */
export type Section = "profile" | "linkedin" | "wallets" | "sessions" | "activity" | "leaving"

export const sectionOf = ({ type }: Intent): Section => {
  if (type === "save-profile") return "profile"
  if (type === "delete-account") return "leaving"
  if (type.endsWith("linkedin")) return "linkedin"
  return type.includes("session") ? "sessions" : "wallets"
}

/** The intent as the label of the button that goes on with it. */
export const intentWords = (intent: Intent): string =>
  ({
    "save-profile": "Save the profile",
    "link-linkedin": "Link LinkedIn",
    "sync-linkedin": "Update from LinkedIn",
    "reauthorize-linkedin": "Sign in with LinkedIn again",
    "unlink-linkedin": "Unlink LinkedIn",
    "link-wallet": "Link a wallet",
    "make-primary": "Make the wallet primary",
    "unlink-wallet": "Unlink the wallet",
    "end-session": "End the session",
    "end-other-sessions": "End all other sessions",
    "delete-account": "Delete my account"
  })[intent.type]
