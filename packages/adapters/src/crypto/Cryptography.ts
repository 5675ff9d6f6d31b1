/**
 * The services for keys, hashes and random numbers, on Node's cryptography.
 */
import { SignalDigest } from "@dchat/domain/call"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Layer } from "effect"
import { Aead } from "effect/crypto"
import { hash } from "node:crypto"

export const Cryptography = Layer.mergeAll(
  NodeCrypto.layerDigest,
  NodeCrypto.layerKdf,
  NodeCrypto.layerMac,
  NodeCrypto.layerSecureRandom,
  Layer.succeed(SignalDigest, { of: (text) => hash("sha256", text, "base64url").slice(0, 22) }),
  Aead.layerWebCrypto.pipe(Layer.provide(NodeCrypto.layerSecureRandom))
)
