/**
 * Every service of identity on memory, with the cryptography of viem or another.
 */
import { MemoryIdentity } from "@dchat/adapters/memory"
import { ViemWalletProof } from "@dchat/adapters/viem"
import { People, RealtimeTickets, Sessions, type WalletProof, WalletSignIn } from "@dchat/domain/identity"
import { Layer } from "effect"
import { Digest, SecureRandom } from "effect/crypto"

export const identityTestLayer = (proof: Layer.Layer<WalletProof> = ViemWalletProof.layer) =>
  Layer.mergeAll(WalletSignIn.layer, RealtimeTickets.layer, People.layer).pipe(
    Layer.provideMerge(Sessions.layer),
    Layer.provideMerge([MemoryIdentity.layer, proof, Digest.layerWebCrypto, SecureRandom.layerWebCrypto])
  )
