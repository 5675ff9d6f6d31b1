/**
 * The keys by which the stand-in signs ID tokens. They are its own and not oidc-provider's, so that they can change
 * while it runs and forged tokens can be signed by them.
 */
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose"
import { randomUUID } from "node:crypto"

export interface SigningKey {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}

export const generate = async (): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true })
  const id = randomUUID()
  const use = { kid: id, alg: "RS256", use: "sig" }
  return {
    id,
    privateKey,
    privateJwk: { ...(await exportJWK(privateKey)), ...use },
    publicJwk: { ...(await exportJWK(publicKey)), ...use }
  }
}

/** A JWT of these claims, none of which is looked at. */
export const sign = (key: SigningKey, claims: JWTPayload): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "JWT", kid: key.id }).sign(key.privateKey)
