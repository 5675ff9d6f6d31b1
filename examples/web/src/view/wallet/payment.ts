/** The open payment by wallet: its state, what has to be sent, and the ways to send it. */
import { type Payment, type Quote } from "../../dchat-subscription.ts"
import { hasBrowserWallet } from "../../wallet/browser-wallet.ts"
import { inspectionWords, isHopeless, notFromAnExchange, type Stage, stageWords } from "../../wallet/payment-words.ts"
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"
import { askForCurrency } from "./currency.ts"
import { paymentDetails } from "./details.ts"
import { explorerLink } from "./explorer-link.ts"
import { qrCode } from "./qr.ts"

const busyWords = {
  wallet: "Confirm the payment in your wallet.",
  naming: "The wallet has sent the transaction. Telling the server…"
} as const

/** The field in which a user names a transaction of another wallet. */
const naming = (payments: WalletPayments): HTMLElement => {
  const field = h("input", {
    type: "text",
    id: "pay-hash",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "0x…",
    required: true,
    pattern: "\\s*0[xX][0-9a-fA-F]{64}\\s*",
    title: "0x and 64 digits from 0 to 9 and A to F",
    "data-testid": "pay-hash"
  })
  return h(
    "form",
    {
      class: "part",
      onsubmit: (event) => {
        event.preventDefault()
        void payments.name(field.value)
      }
    },
    h(
      "label",
      { class: "small", for: field.id },
      "Hash of your transaction. This is optional: the payment is found anyway."
    ),
    h("div", { class: "rename" }, field, h("button", { type: "submit", class: "primary compact" }, "Check"))
  )
}

export const walletPaymentView = (
  payments: WalletPayments,
  dialogs: Dialogs
): SectionView & { readonly focus: () => void } => {
  const status = h("div", { role: "status", "data-testid": "pay-state" })
  const content = h("div", { class: "part" })
  const reason = h("div", { class: "reason" })
  const heading = h("h2", { tabindex: -1, "data-testid": "pay-title" }, "Payment by wallet")
  const element = h(
    "section",
    { class: "card part", hidden: true, "aria-label": "Payment by wallet", "data-testid": "wallet-payment" },
    heading,
    status,
    reason,
    content
  )
  const focus = () => {
    element.scrollIntoView({ block: "start" })
    heading.focus()
  }

  const form = naming(payments)
  let isAnotherOpen = !hasBrowserWallet()

  const otherCurrency = ({ id }: Payment, label: string, style?: string): HTMLElement => {
    const ask = () =>
      askForCurrency(dialogs, payments, {
        purpose: { type: "requote", paymentId: id },
        title: "How do you want to pay?",
        done: focus
      })
    return actionButton("other-currency", label, ask, style)
  }

  const isToPay = (payment: Payment, stage: Stage): boolean => {
    const inspection = payments.inspection(payment)
    return stage === "waiting" || (stage === "sent" && inspection !== undefined && isHopeless(inspection))
  }

  const another = (payment: Payment): HTMLElement =>
    h(
      "details",
      {
        open: isAnotherOpen,
        "data-testid": "pay-another",
        ontoggle: ({ currentTarget }) => isAnotherOpen = (currentTarget as HTMLDetailsElement).open
      },
      h("summary", {}, "Pay with another wallet"),
      h(
        "div",
        { class: "another" },
        payment.quote && qrCode(payment.quote.uri),
        h(
          "div",
          { class: "part" },
          h(
            "p",
            { class: "small" },
            "Scan the code with your wallet, or enter the amount and the recipient in your wallet. " +
              "Compare the chain, the amount and the recipient with this page before you send."
          ),
          payment.quote &&
            h(
              "a",
              { class: "quiet compact", href: payment.quote.uri, "data-testid": "pay-uri" },
              "Open in a wallet app"
            ),
          form
        )
      )
    )

  const sent = ({ quote, transactionHash, transfer }: Payment): HTMLElement | undefined => {
    const hash = transfer?.transactionHash ?? transactionHash
    const chainId = transfer?.chainId ?? quote?.chainId
    if (hash === undefined || chainId === undefined) return undefined
    return h(
      "p",
      { class: "line small", "data-testid": "pay-transaction" },
      "Transaction: ",
      explorerLink(payments, { chainId, transactionHash: hash }, `${hash.slice(0, 10)}…${hash.slice(-6)}`)
    )
  }

  /** The transfer to send, and the ways to send the transfer. */
  const waysToPay = (payment: Payment, quote: Quote): ReadonlyArray<HTMLElement> => {
    const pay = hasBrowserWallet() &&
      actionButton("pay-with-wallet", "Pay with the wallet of this browser", () => void payments.pay(), "primary")
    if (pay !== false) pay.disabled = payments.busy !== undefined
    return [
      paymentDetails(quote, payments.chainOf(quote.chainId).name),
      h("p", { class: "note", "data-testid": "no-exchange" }, notFromAnExchange),
      h("div", { class: "deeds" }, pay, otherCurrency(payment, "Choose another currency")),
      another(payment)
    ]
  }

  /** The controls that users rarely need while a transaction is under way. */
  const aside = (stage: Stage, payment: Payment, quote: Quote): HTMLElement | undefined => {
    if (stage !== "sent" && stage !== "taken-back") return undefined
    const [words, content] = stage === "sent"
      ? ["Name another transaction", [form]] as const
      : ["Pay again", waysToPay(payment, quote)] as const
    return h(
      "details",
      { "data-testid": "pay-aside" },
      h("summary", {}, words),
      h("div", { class: "part aside" }, ...content)
    )
  }

  const draw = renderer(content, (_: unknown) => {
    const payment = payments.open
    if (payment === undefined) return []
    const stage = payments.stage(payment)
    if (stage === "unquoted" || stage === "expired") {
      return [h("div", { class: "deeds" }, otherCurrency(payment, "Choose a currency", "primary"))]
    }
    const { quote } = payment
    const shown = quote === undefined
      ? []
      : isToPay(payment, stage)
      ? waysToPay(payment, quote)
      : [aside(stage, payment, quote)]
    return [sent(payment), ...shown].filter((made) => made !== undefined)
  })

  const drawStatus = renderer(status, (words: ReadonlyArray<string>) => words.map((line) => h("p", {}, line)))
  const drawReason = renderer(
    reason,
    (refusal: WalletPayments["refusal"]) =>
      refusal === undefined
        ? []
        : [
          h(
            "p",
            { class: "problem", role: "alert", "data-testid": "pay-refusal", "data-code": refusal.code },
            refusal.words
          )
        ]
  )

  return {
    element,
    focus,
    update: () => {
      const { busy, open: payment, refusal } = payments
      element.hidden = payment === undefined
      if (payment === undefined) return
      const stage = payments.stage(payment)
      const inspection = payments.inspection(payment)
      const words = inspection === undefined || stage !== "sent" ? stageWords(stage) : inspectionWords(inspection)
      status.dataset["stage"] = stage
      status.dataset["inspection"] = inspection?.reason ?? inspection?.state ?? ""
      drawStatus(busy === undefined ? [words] : [busyWords[busy]])
      drawReason(refusal)
      draw([
        payment.id,
        payment.quote,
        payment.transactionHash,
        payment.transfer,
        stage,
        inspection,
        busy,
        payments.chains
      ])
      element.setAttribute("aria-busy", `${busy !== undefined}`)
    }
  }
}
