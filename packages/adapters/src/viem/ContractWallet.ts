/**
 * Signatures of contract wallets: EIP-1271, and EIP-6492 for wallets that are not deployed yet.
 */
import { ChainUnavailable } from "@dchat/domain/identity"
import { Effect, Option } from "effect"
import { erc6492SignatureValidatorAbi, erc6492SignatureValidatorByteCode, type Hex } from "viem"
import { encodeDeployData, encodeFunctionData, parseErc6492Signature } from "viem/utils"
import type { ChainRpc } from "./ChainRpc.ts"

/** Bytes in hexadecimal, at least one, and no more than any wallet needs: 2047. */
export const isSignatureData = (signature: string): signature is Hex =>
  signature.length <= 4096 && /^0x(?:[0-9a-fA-F]{2})+$/.test(signature)

const eip1271Abi = [{
  type: "function",
  name: "isValidSignature",
  stateMutability: "view",
  inputs: [{ name: "hash", type: "bytes32" }, { name: "signature", type: "bytes" }],
  outputs: [{ name: "magicValue", type: "bytes4" }]
}] as const

/**
 * The answer of EIP-1271 for a valid signature: one word, exactly. The value is the function's selector too, so
 * whatever answers with its own input, as the precompiled contract at address 4, begins with it.
 */
const magicValue = `0x1626ba7e${"00".repeat(28)}`

/** The last 32 bytes of a signature that brings the deployment of its wallet along. */
const eip6492Suffix = "6492".repeat(16)

/** The last 32 bytes of a signature that brings a delegation (EIP-7702) along. */
const erc8010Suffix = "8010".repeat(16)

const isAcceptedByContract = Effect.fnUntraced(function*(rpc: ChainRpc, address: Hex, hash: Hex, signature: Hex) {
  const answer = yield* rpc.call({
    to: address,
    data: encodeFunctionData({ abi: eip1271Abi, functionName: "isValidSignature", args: [hash, signature] })
  })
  return Option.isSome(answer) && answer.value.toLowerCase() === magicValue
})

/** By the reference validator of EIP-6492: deploys the wallet and asks it, both inside one call that changes nothing. */
const isAcceptedOnceDeployed = Effect.fnUntraced(function*(rpc: ChainRpc, address: Hex, hash: Hex, signature: Hex) {
  const answer = yield* rpc.call({
    data: encodeDeployData({
      abi: erc6492SignatureValidatorAbi,
      bytecode: erc6492SignatureValidatorByteCode,
      args: [address, hash, signature]
    })
  })
  if (Option.isNone(answer) || answer.value === "0x00") return false
  // The validator says nothing else, so this node has not run it.
  return answer.value === "0x01" || (yield* new ChainUnavailable())
})

/** The signature inside the wrapper of EIP-6492, if it is one. */
const unwrapped = (signature: Hex): Option.Option<Hex> => {
  try {
    return Option.some(parseErc6492Signature(signature).signature)
  } catch {
    return Option.none()
  }
}

/**
 * Whether the wallet at this address of this chain accepts the signature of this hash. The form is the wallet's to
 * judge, but for two: ERC-8010 is refused, and the wrapper of EIP-6492 runs its deployment only where there is no code
 * yet. What else it may prepare at a deployed wallet, the standard leaves to the signer; here only the wallet
 * decides.
 */
export const accepts = Effect.fnUntraced(function*(
  rpc: ChainRpc,
  { address, hash, signature }: { readonly address: Hex; readonly hash: Hex; readonly signature: Hex }
) {
  const ending = signature.slice(-64).toLowerCase()
  if (ending === erc8010Suffix) return false
  // An address without code answers nothing, and without failing.
  if (ending !== eip6492Suffix) return yield* isAcceptedByContract(rpc, address, hash, signature)
  const inner = unwrapped(signature)
  if (Option.isNone(inner) || inner.value === "0x") return false
  return (yield* rpc.code(address)) === "0x"
    ? yield* isAcceptedOnceDeployed(rpc, address, hash, signature)
    : yield* isAcceptedByContract(rpc, address, hash, inner.value)
})
