/** The transfer to send, in words, because wallets ignore parts of a QR code. */
import { type Quote } from "../../dchat-subscription.ts"
import { money } from "../../plan-words.ts"
import { amountWords, untilWords } from "../../wallet/payment-words.ts"
import { h, icon, iconButton } from "../dom.ts"

const copyButton = (testId: string, label: string, text: string): HTMLElement => {
  const copy = iconButton("copy", label, {
    class: "round tiny",
    "data-testid": testId,
    onclick: () => {
      navigator.clipboard.writeText(text).then(() => {
        copy.replaceChildren(icon("check"))
        setTimeout(() => copy.replaceChildren(icon("copy")), 1500)
      }).catch(() => {})
    }
  })
  return copy
}

interface Row {
  readonly name: string
  readonly testId: string
  readonly words: string
  readonly isCode?: boolean
  /** The text that the copy button copies, and the label of the button. */
  readonly copy?: readonly [label: string, text: string]
}

const row = ({ copy, isCode = false, name, testId, words }: Row): HTMLElement =>
  h(
    "div",
    { class: "fact" },
    h("dt", { class: "small" }, name),
    h(
      "dd",
      {},
      isCode
        ? h("code", { class: "whole", "data-testid": testId }, words)
        : h("span", { "data-testid": testId }, words),
      copy && copyButton(`copy-${testId}`, copy[0], copy[1])
    )
  )

export const paymentDetails = (quote: Quote, chainName: string): HTMLElement => {
  const { amountText, asset, credit, payer, price, recipient } = quote
  const rows: ReadonlyArray<Row> = [
    {
      name: "Amount",
      testId: "pay-amount",
      words: `${amountWords(quote)} (${money(price)})`,
      copy: ["Copy the amount", amountText]
    },
    ...(credit === undefined
      ? []
      : [{ name: "Paid by your credit", testId: "pay-credit", words: money(credit) }]),
    { name: "Chain", testId: "pay-chain", words: chainName },
    asset.asset === "native"
      ? { name: "Currency", testId: "pay-token", words: `${asset.symbol}, the currency of the chain` }
      : { name: `Contract of the token ${asset.symbol}`, testId: "pay-token", words: asset.asset, isCode: true },
    { name: "From your wallet", testId: "pay-from", words: payer, isCode: true },
    {
      name: "To the recipient",
      testId: "pay-to",
      words: recipient,
      isCode: true,
      copy: ["Copy the recipient", recipient]
    },
    { name: "Pay until", testId: "pay-until", words: untilWords(quote) }
  ]
  return h("dl", { class: "facts" }, ...rows.map(row))
}
