/** The first thing that a newcomer sees: signing in, with a wallet or with a key of this window. */
import { problemWords } from "../call-words.ts"
import { DchatProblem, type Signer } from "../dchat-client.ts"
import { hasBrowserWallet, throwAwaySigner, walletSigner } from "../signers.ts"
import { h } from "./dom.ts"

export const signInView = (
  enter: (signer: Signer, throwAway: boolean) => Promise<void>,
  note: string | undefined
): HTMLElement => {
  const problem = h("p", { class: "problem", role: "alert", hidden: true })
  const buttons: Array<HTMLButtonElement> = []
  const button = (label: string, testId: string, style: string, throwAway: boolean): HTMLButtonElement => {
    const press = async () => {
      for (const one of buttons) one.disabled = true
      problem.hidden = true
      try {
        await enter(await (throwAway ? throwAwaySigner() : walletSigner()), throwAway)
      } catch (cause) {
        const words = cause instanceof DchatProblem ? problemWords(cause) : (cause as { message?: string }).message
        problem.textContent = words ?? "Signing in did not work."
        problem.hidden = false
      }
      for (const one of buttons) one.disabled = false
    }
    const made = h(
      "button",
      { type: "button", class: style, "data-testid": testId, onclick: () => void press() },
      label
    )
    buttons.push(made)
    return made
  }
  const wallet = hasBrowserWallet()
  return h(
    "main",
    { class: "welcome" },
    h("img", { src: "/favicon.svg", alt: "", width: 64, height: 64 }),
    h("h1", {}, "Call somebody"),
    h("p", { class: "lead" }, "Voice, video and screen, straight from browser to browser. Your address is your name."),
    h(
      "section",
      { class: "card", "aria-label": "Sign in" },
      note !== undefined && h("p", { class: "note" }, note),
      ...(wallet
        ? [
          h("p", {}, "Sign in with the wallet of this browser. It shows you a message to sign; that costs nothing."),
          button("Sign in with your wallet", "sign-in", "primary wide", false),
          h("p", { class: "or" }, "or"),
          button("Use a throw-away key", "sign-in-throw-away", "quiet wide", true)
        ]
        : [
          h("p", {}, "This browser has no wallet, so this window makes a throw-away key and signs in with that."),
          button("Make a key and sign in", "sign-in", "primary wide", true)
        ]),
      h(
        "p",
        { class: "small" },
        "A throw-away key is made in this window and vanishes with it: close the window, and nobody can be this person again."
      ),
      problem
    ),
    h("p", { class: "small hint" }, "Trying it alone? Open this page in a second window: it will be another person.")
  )
}
