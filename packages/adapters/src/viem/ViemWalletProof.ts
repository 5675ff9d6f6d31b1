/**
 * The cryptography of Ethereum accounts by viem.
 */
import { ChainUnavailable, SignatureInvalid, type WalletAddress, WalletProof } from "@dchat/domain/identity"
import { Duration, Effect, Layer } from "effect"
import type { Hex } from "viem"
import { getAddress, hashMessage, recoverAddress } from "viem/utils"
import * as ChainRpc from "./ChainRpc.ts"
import * as ContractWallet from "./ContractWallet.ts"

/** The order of the curve secp256k1 (SEC 2, 2.4.1). */
const order = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/**
 * The one accepted form of an externally owned account's signature: `0x`, then r, s and v of 65 bytes in hexadecimal,
 * r and s in the range of the curve, s in its lower half (EIP-2), v 27 or 28 (or 0 or 1, as some hardware wallets
 * write it). So each signature has a single spelling but for letter case and v. Refused: the compact form (EIP-2098),
 * which no wallet returns from `personal_sign`, and EIP-155 values of v, which belong to transactions.
 */
const isWellFormed = (signature: string): signature is Hex => {
  const parts = /^0x([0-9a-fA-F]{64})([0-9a-fA-F]{64})(1[bBcC]|0[01])$/.exec(signature)
  if (parts === null) return false
  const r = BigInt(`0x${parts[1]}`)
  const s = BigInt(`0x${parts[2]}`)
  return r > 0n && r < order && s > 0n && s <= order / 2n
}

const isByKeyOf = (address: WalletAddress, hash: Hex, signature: string): Effect.Effect<boolean> =>
  isWellFormed(signature)
    ? Effect.promise(() =>
      recoverAddress({ hash, signature }).then(
        (recovered) => recovered.toLowerCase() === address,
        // An r that is not the abscissa of a curve point, or a point at infinity: no key signs like that.
        () => false
      )
    )
    : Effect.succeed(false)

/**
 * Asks contract wallets on these chains; on any other chain, only externally owned accounts can sign in. `timeout`,
 * 5 seconds unless given, is for all that one signature needs.
 */
export const layerWith = (options: {
  readonly chains: ReadonlyArray<ChainRpc.RpcChain>
  readonly timeout?: Duration.Input
}) => {
  const timeout = Duration.fromInputUnsafe(options.timeout ?? "5 seconds")
  const rpcs = new Map(
    options.chains.filter(({ rpcUrls }) => rpcUrls.length > 0).map((chain) => [
      chain.chainId,
      ChainRpc.make(chain, timeout)
    ])
  )

  const verify = Effect.fn("WalletProof.verify")(
    function*({ address, chainId, message, signature }: Parameters<WalletProof["Service"]["verify"]>[0]) {
      const hash = hashMessage(message)
      if (yield* isByKeyOf(address, hash, signature)) return "eoa" as const
      const rpc = rpcs.get(chainId)
      if (rpc === undefined || !ContractWallet.isSignatureData(signature)) return yield* new SignatureInvalid()
      const accepted = yield* ContractWallet.accepts(rpc, { address: `0x${address.slice(2)}`, hash, signature }).pipe(
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(new ChainUnavailable()) }),
        Effect.tapErrorTag(
          "ChainUnavailable",
          () => Effect.logWarning("No RPC endpoint of the chain answers").pipe(Effect.annotateLogs({ chainId }))
        )
      )
      return accepted ? ("contract" as const) : yield* new SignatureInvalid()
    }
  )

  return Layer.succeed(WalletProof, WalletProof.of({ checksummed: (address) => getAddress(address), verify }))
}

/** Asks no chain: externally owned accounts only. */
export const layer = layerWith({ chains: [] })
