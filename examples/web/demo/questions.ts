/** The window of the simulated wallet. */
import { h } from "../src/view/dom.ts"

/** The owner rejected the request (EIP-1193). */
export class Rejected extends Error {
  readonly code = 4001
}

/** One question at a time. */
let last: Promise<unknown> = Promise.resolve()

const show = (title: string, content: ReadonlyArray<Node>, confirm: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const heading = h("h2", { id: "demo-wallet-title" }, title)
    const no = h("button", { type: "button", class: "demo-no", "data-testid": "demo-reject" }, "Reject")
    const yes = h("button", { type: "button", class: "demo-yes", "data-testid": "demo-confirm" }, confirm)
    const dialog = h(
      "dialog",
      { class: "demo-wallet", "aria-labelledby": heading.id, "data-testid": "demo-wallet" },
      h("p", { class: "demo-mark" }, "Demo wallet: no real money"),
      heading,
      ...content,
      h("div", { class: "demo-choices" }, no, yes)
    )
    const end = (finish: () => void) => () => {
      dialog.remove()
      finish()
    }
    yes.addEventListener("click", end(resolve))
    no.addEventListener("click", end(() => reject(new Rejected("The owner rejected the request."))))
    dialog.addEventListener("cancel", end(() => reject(new Rejected("The owner rejected the request."))))
    document.body.append(dialog)
    dialog.showModal()
    yes.focus()
  })

const inTurn = <A>(question: () => Promise<A>): Promise<A> => {
  const next = last.then(question, question)
  last = next.catch(() => {})
  return next
}

export const confirm = (title: string, lines: ReadonlyArray<string>, label = "Confirm"): Promise<void> =>
  inTurn(() => show(title, lines.map((line) => h("p", {}, line)), label))

/** Lets the owner read a message to sign. */
export const confirmMessage = (message: string): Promise<void> =>
  inTurn(() => show("Sign this message?", [h("pre", { tabindex: 0 }, message)], "Sign"))

export const chooseAccount = (
  accounts: ReadonlyArray<{ readonly address: string; readonly balance: string }>
): Promise<string> =>
  inTurn(async () => {
    let chosen = accounts[0]?.address ?? ""
    const list = accounts.map(({ address, balance }, index) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: "demo-account",
          checked: index === 0,
          "data-testid": `demo-account-${index + 1}`,
          onchange: () => chosen = address
        }),
        h("span", {}, `Account ${index + 1}: ${address.slice(0, 6)}…${address.slice(-4)}`),
        h("small", {}, balance)
      )
    )
    await show("Which account does this page see?", [h("fieldset", {}, ...list)], "Share")
    return chosen
  })
