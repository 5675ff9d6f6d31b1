/** The question with which currency, on which chain and from which wallet a user wants to pay. */
import { type QuoteWish } from "../../dchat-subscription.ts"
import { shortAddress } from "../../users.ts"
import { notFromAnExchange } from "../../wallet/payment-words.ts"
import { type Purpose, type WalletPayments } from "../../wallet/wallet-payments.ts"
import { walletRefusal } from "../../wallet/wallet-refusals.ts"
import { dialogButton, dialogProblem, type Dialogs } from "../dialogs.ts"
import { h } from "../dom.ts"

export interface CurrencyQuestion {
  readonly purpose: Purpose
  readonly title: string
  /** The purchase and its price. */
  readonly words?: string | undefined
  /** The payment is quoted. */
  readonly done: () => void
}

const valueOf = ({ asset, chainId }: QuoteWish): string => `${chainId} ${asset}`

const currencyList = ({ chains, lastWish }: WalletPayments): HTMLSelectElement =>
  h(
    "select",
    { class: "choice", id: "pay-currency", "data-testid": "pay-currency" },
    ...chains.map(({ assets, chainId, name }) =>
      h(
        "optgroup",
        { label: name },
        ...assets.map(({ asset, symbol }) => {
          const value = valueOf({ chainId, asset })
          const selected = lastWish !== undefined && valueOf(lastWish) === value
          return h("option", { value, selected }, `${symbol} on ${name}`)
        })
      )
    )
  )

const payerList = ({ lastWish, wallets }: WalletPayments): HTMLSelectElement =>
  h(
    "select",
    { class: "choice", id: "pay-payer", "data-testid": "pay-payer" },
    ...wallets.map((address) =>
      h("option", { value: address, selected: lastWish?.payer === address.toLowerCase() }, shortAddress(address))
    )
  )

const labelled = (id: string, label: string, control: HTMLElement): HTMLElement =>
  h("div", { class: "entry" }, h("label", { for: id }, label), control)

export const askForCurrency = (
  dialogs: Dialogs,
  payments: WalletPayments,
  { done, purpose, title, words }: CurrencyQuestion
): void => {
  const { attempt, element: problem } = dialogProblem((cause) => walletRefusal(cause).words)
  const { wallets } = payments
  const cancel = dialogButton("dialog-cancel", "quiet", "Back", dialogs.close)
  if (wallets.length === 0) {
    return dialogs.open({
      testId: "currency-dialog",
      title,
      content: [
        h("p", {}, "You pay from a wallet that is linked to your account. You have no linked wallet yet."),
        h("a", { class: "primary wide", href: "#account", "data-testid": "link-first" }, "Link a wallet"),
        cancel
      ]
    })
  }
  const currency = currencyList(payments)
  const payer = payerList(payments)
  const choose = () =>
    attempt(async () => {
      const [chainId, asset = ""] = currency.value.split(" ")
      await payments.quote(purpose, { chainId: Number(chainId), asset, payer: payer.value.toLowerCase() })
      dialogs.close()
      done()
    })
  dialogs.open({
    testId: "currency-dialog",
    title,
    content: [
      ...(words === undefined ? [] : [h("p", {}, words)]),
      labelled(currency.id, "Currency and chain", currency),
      ...(wallets.length > 1 ? [labelled(payer.id, "Your wallet", payer)] : []),
      h("p", { class: "small", "data-testid": "no-exchange" }, notFromAnExchange),
      problem,
      dialogButton("choose-currency", "primary", "Continue", choose),
      cancel
    ]
  })
}
