/** The first thing that a newcomer sees: signing in, with LinkedIn, with a wallet, or with a key of this window. */
import { type Signer } from "../dchat-http.ts"
import { refusalWords } from "../identity-words.ts"
import { throwAwaySigner, walletSigner } from "../signers.ts"
import { hasBrowserWallet } from "../wallet/browser-wallet.ts"
import { h } from "./dom.ts"

export interface SignInOptions {
  readonly enter: (signer: Signer) => Promise<void>
  readonly goToLinkedIn: () => Promise<void>
  /** Why one is here. */
  readonly note: string | undefined
  /** The failure on the way to LinkedIn. */
  readonly failure: { readonly code: string; readonly words: string } | undefined
}

const or = (): HTMLElement => h("p", { class: "or" }, "or")

export const signInView = (options: SignInOptions): HTMLElement => {
  const { enter, failure, note } = options
  const problem = h("p", {
    class: "problem",
    role: "alert",
    hidden: failure === undefined,
    "data-testid": "refusal",
    "data-code": failure?.code
  }, failure?.words)
  const buttons: Array<HTMLButtonElement> = []
  const button = (label: string, testId: string, style: string, signIn: () => Promise<void>): HTMLButtonElement => {
    const press = async () => {
      for (const one of buttons) one.disabled = true
      problem.hidden = true
      try {
        await signIn()
      } catch (cause) {
        problem.textContent = refusalWords(cause)
        problem.dataset["code"] = (cause as { code?: string }).code ?? "unknown"
        problem.hidden = false
      }
      for (const one of buttons) one.disabled = false
    }
    const made = h(
      "button",
      { type: "button", class: `${style} wide`, "data-testid": testId, onclick: () => void press() },
      label
    )
    buttons.push(made)
    return made
  }
  const byWallet = async () => enter(await walletSigner())
  const byKey = async () => enter(await throwAwaySigner())
  return h(
    "main",
    { class: "welcome" },
    h("img", { src: "/favicon.svg", alt: "", width: 64, height: 64 }),
    h("h1", {}, "Start a call"),
    h("p", { class: "lead" }, "Audio, video and screen sharing, directly between browsers."),
    h(
      "section",
      { class: "card", "aria-label": "Sign in" },
      note !== undefined && h("p", { class: "note", role: "status", "data-testid": "note" }, note),
      problem,
      button("Sign in with LinkedIn", "sign-in-linkedin", "primary", options.goToLinkedIn),
      h("p", { class: "small" }, "LinkedIn sends your name, your e-mail address and your picture to this server."),
      or(),
      ...(hasBrowserWallet()
        ? [
          button("Sign in with your wallet", "sign-in", "primary", byWallet),
          h("p", { class: "small" }, "Your wallet shows a message to sign. Signing is free."),
          or(),
          button("Use a throw-away key", "sign-in-throw-away", "quiet", byKey)
        ]
        : [button("Use a throw-away key", "sign-in", "quiet", byKey)]),
      h(
        "p",
        { class: "small" },
        hasBrowserWallet() ? "" : "This browser has no wallet. ",
        "This window makes a throw-away key. When you close the window, the key and its account are lost."
      )
    ),
    h(
      "p",
      { class: "small hint" },
      "To try a call alone, sign in with a throw-away key in a second window."
    )
  )
}
