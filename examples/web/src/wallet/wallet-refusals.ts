/** Why a payment by wallet does not go on, in plain words: refusals of the wallet and of the host. */
import { DchatProblem } from "../dchat-http.ts"
import { planRefusal } from "../plan-refusals.ts"
import { shortAddress } from "../users.ts"

type Cause =
  | { readonly type: "unknown-chain" | "other-chain"; readonly name: string }
  | { readonly type: "other-account"; readonly account: string; readonly payer: string }

const causeWords = (cause: Cause): string => {
  switch (cause.type) {
    case "unknown-chain":
      return `Your wallet does not know the chain ${cause.name}. Add the chain in your wallet, then try again.`
    case "other-chain":
      return `Your wallet is on another chain. Switch your wallet to ${cause.name}, then try again.`
    case "other-account":
      return `Your wallet shares the account ${shortAddress(cause.account)}, but the payment has to come from ` +
        `${shortAddress(cause.payer)}. Choose that account in your wallet, or choose another currency and wallet here.`
  }
}

/** The wallet cannot pay the quote as it is. */
export class WalletRefusal extends Error {
  readonly code: string
  constructor(cause: Cause) {
    super(causeWords(cause))
    this.code = `wallet_${cause.type.replace("-", "_")}`
  }
}

/** The codes of EIP-1193 and EIP-1474. */
const byCode: Record<number, { readonly code: string; readonly words: string }> = {
  4001: { code: "wallet_rejected", words: "You rejected the request in your wallet. Nothing was paid." },
  4100: { code: "wallet_locked", words: "Your wallet does not allow this. Unlock the wallet and share the account." },
  4200: { code: "wallet_unsupported", words: "Your wallet cannot send this payment. Use another wallet." },
  4900: { code: "wallet_offline", words: "Your wallet has no connection. Check the wallet, then try again." },
  4901: {
    code: "wallet_offline",
    words: "Your wallet has no connection to this chain. Check the wallet, then try again."
  },
  [-32_002]: { code: "wallet_busy", words: "Your wallet waits for your answer to an earlier request. Open the wallet." }
}

const isTooPoor = (message: string): boolean => /insufficient funds|exceeds (?:the )?balance/iu.test(message)

/** The errors of a wallet have a code and a message; some wallets have their own message only. */
export const walletRefusal = (problem: unknown): { readonly code: string; readonly words: string } => {
  if (problem instanceof DchatProblem) return planRefusal(problem)
  if (problem instanceof WalletRefusal) return { code: problem.code, words: problem.message }
  const { code, message } = (problem ?? {}) as { code?: unknown; message?: unknown }
  const text = typeof message === "string" ? message : ""
  const known = typeof code === "number" ? byCode[code] : undefined
  if (known !== undefined) return known
  if (isTooPoor(text)) {
    return { code: "wallet_balance", words: "The wallet has too little money for the amount and the fee of the chain." }
  }
  const reason = text === "" ? "" : ` The wallet says: ${text}`
  return { code: "wallet_failed", words: `Your wallet did not send the payment.${reason}` }
}
