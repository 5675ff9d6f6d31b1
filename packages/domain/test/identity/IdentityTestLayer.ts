/**
 * Every service of identity on memory, with the cryptography of viem or another, and a LinkedIn that answers as told.
 */
import { JoseStateTokens } from "@dchat/adapters/jose"
import { MemoryIdentity } from "@dchat/adapters/memory"
import { ViemWalletProof } from "@dchat/adapters/viem"
import {
  absentMergeParticipant,
  KeepLinkedInTokens,
  layerIdentityServices,
  type LinkedInClientId,
  MasterSecrets,
  MergeParticipants,
  NativeRedirects,
  type WalletProof
} from "@dchat/domain/identity"
import { Array, Layer, Option, Redacted } from "effect"
import { Aead, Digest, Kdf, SecureRandom } from "effect/crypto"
import { application, LinkedInAnswers } from "./LinkedInAnswers.ts"

export interface IdentityTestSettings {
  readonly proof?: Layer.Layer<WalletProof>
  /** The application that is set up at LinkedIn; `null` for none. */
  readonly clientId?: LinkedInClientId | null
  readonly secrets?: Array.NonEmptyReadonlyArray<string>
  readonly keepTokens?: boolean
  readonly participants?: MergeParticipants["Service"]
  readonly redirects?: ReadonlyArray<string>
}

const cryptography = [Aead.layerWebCrypto, Kdf.layerWebCrypto, Digest.layerWebCrypto] as const

/** The services over the storing ports, which are provided by tests that use several of these layers together. */
export const identityTestServices = ({
  clientId = application,
  keepTokens = true,
  participants = { calls: absentMergeParticipant, subscriptions: absentMergeParticipant },
  proof = ViemWalletProof.layer,
  redirects = [],
  secrets = ["a secret of the tests"]
}: IdentityTestSettings = {}) =>
  layerIdentityServices.pipe(
    Layer.provide([
      Layer.succeed(KeepLinkedInTokens, keepTokens),
      Layer.succeed(MergeParticipants, participants),
      Layer.succeed(NativeRedirects, redirects)
    ]),
    Layer.provideMerge([
      JoseStateTokens.layer({ issuer: "https://chat.example" }),
      LinkedInAnswers.layerAs(Option.fromNullOr(clientId)),
      proof
    ]),
    Layer.provideMerge([
      ...cryptography,
      Layer.succeed(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) })
    ]),
    Layer.provideMerge(SecureRandom.layerWebCrypto)
  )

export const identityTestLayer = (settings: IdentityTestSettings = {}) =>
  Layer.provideMerge(identityTestServices(settings), MemoryIdentity.layer)
