/**
 * Signs a new user in to a host of dchat with a wallet of its own (EIP-4361).
 */
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"

export interface User {
  readonly id: string
  readonly token: string
}

const post = async (url: string, body: object) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return answer.json() as Promise<Record<string, unknown>>
}

export const signIn = async (origin: string): Promise<User> => {
  const account = privateKeyToAccount(generatePrivateKey())
  const { message, nonceId } = await post(`${origin}/auth/wallet/nonce`, { address: account.address, chainId: 1 })
  const signature = await account.signMessage({ message: String(message) })
  const { token, user } = await post(`${origin}/auth/wallet/verify`, { nonceId, signature })
  return { id: (user as { readonly id: string }).id, token: String(token) }
}
