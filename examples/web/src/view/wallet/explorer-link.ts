/** A transaction as a link to the explorer of its chain, or as text if the chain has no explorer. */
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { h } from "../dom.ts"

export const explorerLink = (
  payments: WalletPayments,
  { chainId, transactionHash }: { readonly chainId: number; readonly transactionHash: string },
  label: string
): HTMLElement => {
  const href = payments.explorerUrl(chainId, transactionHash)
  if (href === undefined) return h("code", { title: transactionHash, "data-testid": "transaction" }, label)
  return h(
    "a",
    { class: "link", href, target: "_blank", rel: "noreferrer", title: transactionHash, "data-testid": "transaction" },
    label
  )
}
