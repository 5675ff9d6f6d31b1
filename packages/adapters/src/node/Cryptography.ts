/**
 * The services that make keys, hashes and random numbers, by Node's own cryptography.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Layer } from "effect"
import { Aead } from "effect/crypto"

export const Cryptography = Layer.mergeAll(
  NodeCrypto.layerDigest,
  NodeCrypto.layerKdf,
  NodeCrypto.layerMac,
  NodeCrypto.layerSecureRandom,
  Aead.layerWebCrypto.pipe(Layer.provide(NodeCrypto.layerSecureRandom))
)
