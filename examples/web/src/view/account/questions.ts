/** What a person is asked before something is done to their account: a proof, a merge, the name before it is deleted. */
import { type Account } from "../../account.ts"
import { refusalWords } from "../../identity-words.ts"
import { type Intent, intentWords } from "../../intent.ts"
import { sourceFor } from "../../signers.ts"
import { dialogButton, dialogProblem, type Dialogs } from "../dialogs.ts"
import { h } from "../dom.ts"

const cancel = (dialogs: Dialogs) => dialogButton("dialog-cancel", "quiet", "Cancel", dialogs.close)

/** Offers the ways that the person has, and does it after the proof. */
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
  const wallet = source === "browser" ? "With the wallet of this browser" : "With the throw-away key"
  dialogs.open({
    testId: "reauth-dialog",
    title: "Prove that it is you",
    content: [
      h(
        "p",
        {},
        "How you sign in can be changed within ten minutes after you have proved who you are. Prove it again:"
      ),
      ...(source === undefined ? [] : [dialogButton("reauth-wallet", "primary", wallet, byWallet)]),
      ...(linkedin === undefined ? [] : [dialogButton("reauth-linkedin", "primary", "With LinkedIn", atLinkedIn)]),
      ...(source === undefined && wallets.length > 0
        ? [h("p", { class: "small" }, "Your wallet is not in this browser: sign in where it is to prove it by that.")]
        : []),
      element,
      cancel(dialogs)
    ]
  })
}

/** The proof was given at LinkedIn, some time after the person had pressed the button. */
export const askToGoOn = (dialogs: Dialogs, account: Account, intent: Intent): void => {
  const uncancel = () => {
    dialogs.close()
    void account.perform(intent)
  }
  const style = intent.type === "delete-account" ? "danger" : "primary"
  dialogs.open({
    testId: "go-on-dialog",
    title: "Thank you, it is you",
    content: [
      h("p", {}, "Do you want to go on with what you had begun?"),
      dialogButton("go-on", style, intentWords(intent), uncancel),
      cancel(dialogs)
    ]
  })
}

export const askToMerge = (dialogs: Dialogs, account: Account, ticket: string): void => {
  const { attempt, element } = dialogProblem(refusalWords)
  dialogs.open({
    testId: "merge-dialog",
    title: "This belongs to another account of yours",
    content: [
      h("p", {}, "You have just proved that it is yours, so the two accounts can be made one. What happens then:"),
      h(
        "ul",
        { class: "points" },
        h("li", {}, "The other account's wallets, its LinkedIn and its past calls become part of this one."),
        h("li", {}, `You stay “${account.user.displayName}”; the name of the other account is gone.`),
        h("li", {}, "Both accounts are signed out everywhere else.")
      ),
      h("p", {}, "It cannot be taken apart again."),
      element,
      dialogButton("merge-confirm", "primary", "Make them one", () => attempt(() => account.merge(ticket))),
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
  const confirm = dialogButton("delete-confirm", "danger", "Delete my account for good", () => {
    dialogs.close()
    void account.perform({ type: "delete-account" })
  })
  confirm.disabled = true
  dialogs.open({
    testId: "delete-dialog",
    title: "Delete your account?",
    content: [
      h("p", {}, "Your name, your profile, LinkedIn, wallets and sessions are removed. This cannot be undone."),
      h("p", {}, "To confirm, type your name: ", h("strong", {}, displayName)),
      h("label", { class: "field" }, field),
      confirm,
      cancel(dialogs)
    ]
  })
}
