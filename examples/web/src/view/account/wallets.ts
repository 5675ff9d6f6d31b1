/** Wallets: which there are, which one others see, linking another, and what stands for one while there is none. */
import { type Account } from "../../account.ts"
import { type Wallet } from "../../dchat-identity.ts"
import { isThrowAway } from "../../signers.ts"
import { shortAddress } from "../../users.ts"
import { hasBrowserWallet } from "../../wallet/browser-wallet.ts"
import { h, renderer } from "../dom.ts"
import { intentButton, type SectionView, sectionView } from "./section.ts"

const walletRow = (account: Account, { address, chainId, id, isPrimary, kind }: Wallet): HTMLElement => {
  const about = shortAddress(address)
  return h(
    "li",
    { class: "owned", "data-testid": `wallet-${id}`, "data-address": address, "data-primary": `${isPrimary}` },
    h(
      "span",
      { class: "about" },
      h("code", { class: "whole" }, address),
      h(
        "span",
        { class: "badges" },
        isPrimary && h("span", { class: "badge", title: "Other users see this wallet." }, "primary"),
        isThrowAway(address) && h("span", { class: "badge" }, "throw-away key"),
        kind === "contract" && h("span", { class: "badge" }, `contract on chain ${chainId ?? "?"}`)
      )
    ),
    h(
      "span",
      { class: "deeds" },
      !isPrimary && intentButton(account, { type: "make-primary", walletId: id }, {
        label: "Make primary",
        testId: `make-primary-${id}`,
        about
      }),
      intentButton(account, { type: "unlink-wallet", walletId: id }, {
        label: "Unlink",
        testId: `unlink-wallet-${id}`,
        about
      })
    )
  )
}

const placeholder = (ref: string): HTMLElement =>
  h(
    "div",
    { class: "note", "data-testid": "temporary-wallet" },
    h("p", {}, "You have no wallet yet. A placeholder takes its place: ", h("code", { class: "whole" }, ref)),
    h(
      "p",
      {},
      "The placeholder is not an address, so it cannot receive payments. A linked wallet replaces the placeholder."
    )
  )

export const walletsView = (account: Account): SectionView => {
  const content = h("div", { class: "part" })
  type Shown = { wallets: ReadonlyArray<Wallet>; temporary: string | undefined; ownKeys: ReadonlyArray<boolean> }
  const draw = renderer(content, ({ temporary, wallets }: Shown) => [
    ...(temporary === undefined ? [] : [placeholder(temporary)]),
    h("ul", { class: "list", "aria-label": "Your wallets" }, ...wallets.map((wallet) => walletRow(account, wallet)))
  ])
  const add = hasBrowserWallet()
    ? [
      intentButton(account, { type: "link-wallet", from: "browser" }, {
        label: "Link a wallet",
        testId: "link-wallet"
      }),
      intentButton(account, { type: "link-wallet", from: "throw-away" }, {
        label: "Link a new throw-away key",
        testId: "link-throw-away"
      })
    ]
    : [
      intentButton(account, { type: "link-wallet", from: "throw-away" }, {
        label: "Link a wallet",
        testId: "link-wallet"
      })
    ]
  const hint = hasBrowserWallet()
    ? "Your wallet shows a message to sign. Signing is free."
    : "This browser has no wallet, so this window makes a throw-away key. The key is lost when you close the window."
  const footer = [h("div", { class: "deeds" }, ...add), h("p", { class: "small" }, hint)]
  return sectionView({ account, name: "wallets", title: "Wallets" }, [content, ...footer], () => {
    const { temporaryWallet: temporary, wallets } = account.user
    draw({ wallets, temporary, ownKeys: wallets.map(({ address }) => isThrowAway(address)) })
  })
}
