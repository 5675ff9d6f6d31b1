/**
 * A simulated wallet of the browser (EIP-1193), for `npm run demo` only: its accounts belong to the simulated chain, and
 * their keys are public. Each window has its own account, so that two windows can be two users.
 */
import { type BrowserWallet } from "../src/wallet/browser-wallet.ts"
import { type Transaction } from "./sending.ts"

const keys = { account: "dchat.demo-wallet.account", chainId: "dchat.demo-wallet.chain" } as const

/** Like many wallets, this one begins on Ethereum, so that a page has to ask for another chain. */
const ethereum = 1

/** The errors of EIP-1193 and EIP-3326. */
const failure = (code: number, message: string) => Object.assign(new Error(message), { code })

const chainId = (): number => Number(sessionStorage.getItem(keys.chainId) ?? ethereum)

const chain = () => import("./chain.ts")
const questions = () => import("./questions.ts")

const requestAccounts = async (): Promise<ReadonlyArray<string>> => {
  const known = sessionStorage.getItem(keys.account)
  const { balanceOf, describeChain } = await chain()
  const { accounts } = await describeChain()
  if (known !== null && accounts.includes(known)) return [known]
  const offered = await Promise.all(accounts.map(async (address) => ({ address, balance: await balanceOf(address) })))
  const chosen = await (await questions()).chooseAccount(offered)
  sessionStorage.setItem(keys.account, chosen)
  return [chosen]
}

const textOf = (hex: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(hex.slice(2).match(/../gu) ?? [], (digits) => Number.parseInt(digits, 16))
  )

const sign = async ([message = "", account = ""]: ReadonlyArray<string>): Promise<unknown> => {
  await (await questions()).confirmMessage(textOf(message))
  return (await chain()).ask("personal_sign", [message, account])
}

const switchChain = async ([wanted]: ReadonlyArray<{ readonly chainId?: string }>): Promise<null> => {
  const { describeChain } = await chain()
  const { chainId: known, name } = await describeChain()
  const target = Number(wanted?.chainId)
  if (target !== known && target !== ethereum) throw failure(4902, "This wallet does not know the chain.")
  await (await questions()).confirm(`Switch to ${target === known ? name : "Ethereum"}?`, [
    "The page asks the wallet to use another chain."
  ], "Switch")
  sessionStorage.setItem(keys.chainId, `${target}`)
  return null
}

const send = async ([transaction = {}]: ReadonlyArray<Transaction>): Promise<unknown> => {
  const { ask, describeChain } = await chain()
  const { chainId: known, name, usdc } = await describeChain()
  if (chainId() !== known) throw failure(4901, "This wallet has no connection to Ethereum, because it is simulated.")
  const { transactionWords } = await import("./sending.ts")
  await (await questions()).confirm(
    "Send this payment?",
    [...transactionWords(transaction, usdc), `Chain: ${name}.`],
    "Send"
  )
  return ask("eth_sendTransaction", [transaction])
}

const wallet: BrowserWallet = {
  request: async ({ method, params = [] }) => {
    switch (method) {
      case "eth_accounts":
        return [sessionStorage.getItem(keys.account)].filter((account) => account !== null)
      case "eth_requestAccounts":
        return requestAccounts()
      case "eth_chainId":
        return `0x${chainId().toString(16)}`
      case "personal_sign":
        return sign(params as ReadonlyArray<string>)
      case "wallet_switchEthereumChain":
        return switchChain(params as ReadonlyArray<{ readonly chainId?: string }>)
      case "eth_sendTransaction":
        return send(params as ReadonlyArray<Transaction>)
      default:
        throw failure(4200, `The demo wallet does not support ${method}.`)
    }
  }
}

Object.assign(window, { ethereum: wallet })
