/**
 * How a token is named in a membership: `chainId:contract:tokenId`.
 */
import { Option, Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { ExternalId } from "../../subscription/index.ts"

export interface TokenRef {
  readonly chainId: ChainId
  readonly contract: WalletAddress
  readonly tokenId: bigint
}

/** The highest token id (ERC-721). */
export const maxUint256 = 2n ** 256n - 1n

const decodeChain = Schema.decodeUnknownOption(ChainId)
const decodeContract = Schema.decodeUnknownOption(WalletAddress)

export const tokenNameOf = ({ chainId, contract, tokenId }: TokenRef): ExternalId =>
  ExternalId.make(`${chainId}:${contract}:${tokenId}`)

/** Undefined if the name is none of a token. */
export const tokenOfName = (name: ExternalId): TokenRef | undefined => {
  const parts = /^(\d{1,16}):(0x[0-9a-f]{40}):(\d{1,78})$/u.exec(name)
  if (parts === null) return undefined
  const [, chain = "", contract = "", tokenId = ""] = parts
  const decoded = Option.all({ chainId: decodeChain(Number(chain)), contract: decodeContract(contract) })
  return Option.isNone(decoded) ? undefined : { ...decoded.value, tokenId: BigInt(tokenId) }
}
