/** The questions before an action on the account: a proof, a merge, the name before the deletion. */
import { type Account } from "../../account.ts"
import { refusalWords } from "../../identity-words.ts"
import { type Intent, intentWords } from "../../intent.ts"
import { sourceFor } from "../../signers.ts"
import { dialogButton, dialogProblem, type Dialogs } from "../dialogs.ts"
import { h } from "../dom.ts"

const cancel = (dialogs: Dialogs) => dialogButton("dialog-cancel", "quiet", "Cancel", dialogs.close)

/** Offers the user's ways to sign in, and continues after the proof. */
export const askForProof = (dialogs: Dialogs, account: Account, intent: Intent): void => {
  const { linkedin, wallets } = account.user
  const source = sourceFor(wallets)
  const { attempt, element } = dialogProblem(refusalWords)
  const byWallet = () =>
    attempt(async () => {
      await account.proveByWallet()
      dialogs.close()
      await account.perform(intent)
    })
  const atLinkedIn = () => attempt(() => account.proveAtLinkedIn(intent))
  const wallet = source === "browser" ? "Confirm with the wallet of this browser" : "Confirm with the throw-away key"
  dialogs.open({
    testId: "reauth-dialog",
    title: "Confirm your identity",
    content: [
      h(
        "p",
        {},
        "Your last sign-in was more than ten minutes ago. Sign in again to make this change."
      ),
      ...(source === undefined ? [] : [dialogButton("reauth-wallet", "primary", wallet, byWallet)]),
      ...(linkedin === undefined
        ? []
        : [dialogButton("reauth-linkedin", "primary", "Confirm with LinkedIn", atLinkedIn)]),
      ...(source === undefined && wallets.length > 0
        ? [
          h(
            "p",
            { class: "small" },
            "Your wallet is not in this browser. To confirm with your wallet, sign in on the device that has the wallet."
          )
        ]
        : []),
      element,
      cancel(dialogs)
    ]
  })
}

/** The proof was given at LinkedIn, some time after the user had pressed the button. */
export const askToGoOn = (dialogs: Dialogs, account: Account, intent: Intent): void => {
  const uncancel = () => {
    dialogs.close()
    void account.perform(intent)
  }
  const style = intent.type === "delete-account" ? "danger" : "primary"
  dialogs.open({
    testId: "go-on-dialog",
    title: "Your identity is confirmed",
    content: [
      h("p", {}, "Do you want to continue with your change?"),
      dialogButton("go-on", style, intentWords(intent), uncancel),
      cancel(dialogs)
    ]
  })
}

export const askToMerge = (dialogs: Dialogs, account: Account, ticket: string): void => {
  const { attempt, element } = dialogProblem(refusalWords)
  dialogs.open({
    testId: "merge-dialog",
    title: "Merge your two accounts?",
    content: [
      h(
        "p",
        {},
        "This wallet or LinkedIn account is linked to another account of yours. If you merge the two accounts:"
      ),
      h(
        "ul",
        { class: "points" },
        h("li", {}, "The wallets, the LinkedIn account and the past calls of the other account move to this account."),
        h("li", {}, `You keep the name “${account.user.displayName}”. The name of the other account is deleted.`),
        h("li", {}, "All other sessions of both accounts end.")
      ),
      h("p", {}, "You cannot undo the merge."),
      element,
      dialogButton("merge-confirm", "primary", "Merge the accounts", () => attempt(() => account.merge(ticket))),
      cancel(dialogs)
    ]
  })
}

export const askToDelete = (dialogs: Dialogs, account: Account): void => {
  const { displayName } = account.user
  const field = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Your name",
    "data-testid": "delete-name",
    oninput: () => confirm.disabled = field.value.trim() !== displayName
  })
  const confirm = dialogButton("delete-confirm", "danger", "Delete my account", () => {
    dialogs.close()
    void account.perform({ type: "delete-account" })
  })
  confirm.disabled = true
  dialogs.open({
    testId: "delete-dialog",
    title: "Delete your account?",
    content: [
      h("p", {}, "Your name, profile, LinkedIn account, wallets and sessions are deleted. You cannot undo this."),
      h("p", {}, "To confirm, type your name: ", h("strong", {}, displayName)),
      h("label", { class: "field" }, field),
      confirm,
      cancel(dialogs)
    ]
  })
}
