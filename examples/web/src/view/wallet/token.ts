/** The membership of a token: the user names a token of a linked wallet. */
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { walletRefusal } from "../../wallet/wallet-refusals.ts"
import { type SectionView } from "../account/section.ts"
import { dialogProblem } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"

const field = (
  { id, label, pattern, placeholder, title }: {
    readonly id: string
    readonly label: string
    readonly pattern: string
    readonly placeholder: string
    readonly title: string
  }
) => {
  const input = h("input", {
    type: "text",
    id,
    pattern,
    placeholder,
    title,
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": id
  })
  const element = h("label", { class: "entry", for: id }, label, h("span", { class: "field" }, input))
  return { input, element }
}

export const tokenView = (payments: WalletPayments): SectionView => {
  const chains = h("select", { class: "choice", id: "token-chain", "data-testid": "token-chain" })
  const drawChains = renderer(
    chains,
    (offered: WalletPayments["chains"]) => offered.map(({ chainId, name }) => h("option", { value: chainId }, name))
  )
  const contract = field({
    id: "token-contract",
    label: "Contract of the token",
    pattern: "\\s*0[xX][0-9a-fA-F]{40}\\s*",
    placeholder: "0x…",
    title: "0x and 40 digits from 0 to 9 and A to F"
  })
  const token = field({
    id: "token-id",
    label: "Number of the token",
    pattern: "\\s*[0-9]{1,78}\\s*",
    placeholder: "1",
    title: "Digits from 0 to 9"
  })
  const { attempt, element: problem } = dialogProblem((cause) => walletRefusal(cause).words)
  const claim = () =>
    payments.claim({
      chainId: Number(chains.value),
      contract: contract.input.value.trim().toLowerCase(),
      tokenId: token.input.value.trim()
    })
  const form = h(
    "form",
    {
      class: "part aside",
      onsubmit: (event) => {
        event.preventDefault()
        attempt(claim)
      }
    },
    h("div", { class: "entry" }, h("label", { for: chains.id }, "Chain"), chains),
    contract.element,
    token.element,
    problem,
    h("button", { type: "submit", class: "primary compact", "data-testid": "claim-token" }, "Use this token")
  )
  const title = "Membership token"
  const element = h(
    "section",
    { class: "card part", hidden: true, "aria-label": title },
    h("h2", {}, title),
    h(
      "p",
      { class: "small" },
      "The owner of a membership token has a lifetime membership, as long as the wallet of the owner is linked. " +
        "The server finds a token when the token moves. You can also name a token that you have already."
    ),
    h("details", { "data-testid": "token" }, h("summary", {}, "Name a token"), form)
  )
  return {
    element,
    update: () => {
      element.hidden = payments.chains.length === 0
      drawChains(payments.chains)
    }
  }
}
