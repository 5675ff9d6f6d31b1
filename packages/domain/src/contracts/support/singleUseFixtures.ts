/**
 * Single-use records for tests, one maker a kind: valid, and different each time.
 */
import type { DateTime } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  ChainId,
  CodeChallenge,
  LinkedInSubject,
  type MergeTicket,
  type NativeCode,
  type NativeFlow,
  NativeFlowId,
  type OAuthFlow,
  OAuthFlowId,
  type RealtimeTicket,
  type SiweNonce,
  SiweNonceId
} from "../../identity/index.ts"
import { application, noon, someAddress, someHash, someSessionId, someUserId } from "./identityFixtures.ts"

const codeChallenge = CodeChallenge.make("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")

export const someOAuthFlow = (expiresAt: DateTime.Utc): OAuthFlow => ({
  id: OAuthFlowId.make(SecureRandom.uuidV7Unsafe()),
  purpose: "link",
  cookieHash: someHash(),
  sessionId: someSessionId(),
  userId: someUserId(),
  generation: 2,
  nextTokenHash: someHash(),
  returnTo: "/account?tab='wallets'&name=ümläut#here",
  nativeFlowId: NativeFlowId.make(SecureRandom.uuidV7Unsafe()),
  expiresAt
})

/** A flow with no session and no application. */
export const someLoginFlow = (expiresAt: DateTime.Utc): OAuthFlow => {
  const { cookieHash, id, returnTo } = someOAuthFlow(expiresAt)
  return { id, purpose: "login", cookieHash, returnTo, expiresAt }
}

export const someNativeFlow = (expiresAt: DateTime.Utc): NativeFlow => ({
  id: NativeFlowId.make(SecureRandom.uuidV7Unsafe()),
  cookieHash: someHash(),
  redirectUri: "http://[::1]:4711/callback",
  codeChallenge,
  state: "a state & more=1 % \\ '",
  expiresAt
})

export const someNativeCode = (expiresAt: DateTime.Utc): NativeCode => ({
  hash: someHash(),
  userId: someUserId(),
  proved: { _tag: "Account", clientId: application, subject: LinkedInSubject.make("a-subject") },
  provedAt: noon,
  redirectUri: "http://127.0.0.1:4711/callback",
  codeChallenge,
  expiresAt
})

export const someMergeTicket = (expiresAt: DateTime.Utc): MergeTicket => ({
  hash: someHash(),
  sessionId: someSessionId(),
  generation: 3,
  survivor: someUserId(),
  absorbed: someUserId(),
  proved: { _tag: "Wallet", kind: "contract", chainId: ChainId.make(10), address: someAddress() },
  expiresAt
})

export const someRealtimeTicket = (expiresAt: DateTime.Utc): RealtimeTicket => ({
  hash: someHash(),
  sessionId: someSessionId(),
  generation: 4,
  expiresAt
})

export const someNonce = (expiresAt: DateTime.Utc): SiweNonce => ({
  id: SiweNonceId.make(SecureRandom.uuidV7Unsafe()),
  purpose: "login",
  address: someAddress(),
  chainId: ChainId.make(Number.MAX_SAFE_INTEGER),
  message: "several\nlines \\ with 'quotes' and ümläuts\n",
  issuedAt: noon,
  expiresAt
})

export const someLinkingNonce = (expiresAt: DateTime.Utc): SiweNonce => ({
  ...someNonce(expiresAt),
  purpose: "link",
  sessionId: someSessionId(),
  userId: someUserId()
})
