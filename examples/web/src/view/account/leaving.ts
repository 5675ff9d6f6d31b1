/** The ways out: of this window, of the session, of the account for good. */
import { type Account } from "../../account.ts"
import { h } from "../dom.ts"
import { actionButton, type SectionView, sectionView } from "./section.ts"

export interface LeavingOptions {
  readonly account: Account
  /** Whether the session is the browser's, so that each of its windows has this user. */
  readonly isShared: boolean
  readonly signOut: () => void
  readonly useAnotherAccount: () => void
  readonly askToDelete: () => void
}

export const leavingView = (
  { account, askToDelete, useAnotherAccount, isShared, signOut }: LeavingOptions
): SectionView => {
  const content = [
    h(
      "p",
      { class: "small" },
      isShared
        ? "You are signed in in all windows of this browser. To try a call alone, sign in as another user in one window."
        : "You are signed in in this window only."
    ),
    h(
      "div",
      { class: "deeds" },
      actionButton("account-sign-out", "Sign out", signOut),
      isShared && actionButton("use-another-account", "Use another account in this window", useAnotherAccount),
      actionButton("delete-account", "Delete my account…", askToDelete, "quiet risky")
    )
  ]
  return sectionView({ account, name: "leaving", title: "Sign out or delete" }, content, () => {})
}
