/**
 * Wallets with their keys, and what they sign.
 */
import { ChainId, type ProofUse, WalletAddress, WalletProofs } from "@dchat/domain/identity"
import { Effect } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"

export const newAccount = () => privateKeyToAccount(generatePrivateKey())
export type Account = ReturnType<typeof newAccount>

export const addressOf = (account: Account) => WalletAddress.make(account.address.toLowerCase())

export const requested = Effect.fnUntraced(function*(account: Account, use: ProofUse) {
  return yield* (yield* WalletProofs).request({
    address: addressOf(account),
    chainId: ChainId.make(1),
    domain: "chat.example",
    uri: "https://chat.example",
    use
  })
})

export const sign = (account: Account, message: string) => Effect.promise(() => account.signMessage({ message }))

/** A message for this use, signed by the wallet that it names. */
export const signedBy = Effect.fnUntraced(function*(account: Account, use: ProofUse) {
  const { message, nonceId } = yield* requested(account, use)
  return { nonceId, signature: yield* sign(account, message) }
})
