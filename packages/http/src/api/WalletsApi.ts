/**
 * The endpoints of wallets (EIP-4361): signing in, linking, unlinking, and proving an identity again.
 */
import {
  ChainId,
  ChainUnavailable,
  LastLoginMethod,
  NonceInvalid,
  OwnedByOther,
  ProofPurpose,
  ReauthMismatch,
  ReauthRequired,
  SignatureInvalid,
  SiweMismatch,
  SiweNonceId,
  TokenReplaced,
  TooManyWallets,
  UserDisabled,
  WalletAddressFromAnyCase,
  WalletId,
  WalletNotFound,
  WalletOwnedByOther
} from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Me, MeWithToken } from "./AuthApi.ts"
import { Authentication } from "./Authentication.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { AmbiguousCredentials, Unauthenticated } from "./RequestErrors.ts"

/** The signed message of a wallet. The signature of a contract wallet may be long. */
export const SignedMessageFields = {
  nonceId: SiweNonceId,
  signature: StorableText.check(Schema.isMaxLength(8192)),
  /** If present, the message must equal the issued message. */
  message: Schema.optionalKey(StorableText.check(Schema.isMaxLength(4096)))
}

export const proofProblems = [
  problem(NonceInvalid),
  problem(SiweMismatch),
  problem(SignatureInvalid),
  problem(ChainUnavailable)
] as const

export class WalletsApi extends HttpApiGroup.make("wallets")
  .add(
    HttpApiEndpoint.post("link", "/link", {
      payload: nullAsLeftOut(Schema.Struct(SignedMessageFields)),
      success: MeWithToken,
      error: [
        ...proofProblems,
        problem(ReauthRequired),
        problem(OwnedByOther),
        /** Without a ticket: the other user cannot be merged with at the moment. */
        problem(WalletOwnedByOther),
        problem(TooManyWallets)
      ]
    }).annotate(RateLimit, ratePolicies.account),
    HttpApiEndpoint.post("unlink", "/unlink", {
      payload: Schema.Struct({ walletId: WalletId }),
      success: MeWithToken,
      error: [problem(ReauthRequired), problem(LastLoginMethod), problem(WalletNotFound)]
    }).annotate(RateLimit, ratePolicies.account),
    HttpApiEndpoint.post("setPrimary", "/primary", {
      payload: Schema.Struct({ walletId: WalletId }),
      success: Me,
      error: problem(WalletNotFound)
    }).annotate(RateLimit, ratePolicies.profile)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .add(
    HttpApiEndpoint.post("requestNonce", "/nonce", {
      payload: nullAsLeftOut(Schema.Struct({
        address: WalletAddressFromAnyCase,
        chainId: ChainId,
        /** The default is `login`. The other purposes need a session, and only that session can use the message. */
        purpose: Schema.optionalKey(ProofPurpose)
      })),
      /** `message` is the text to be signed by `personal_sign`, as it is; `expiresIn` is in seconds. */
      success: Schema.Struct({ nonceId: SiweNonceId, message: Schema.String, expiresIn: Schema.Int }),
      error: [problem(Unauthenticated), problem(AmbiguousCredentials), problem(TokenReplaced)]
    }).annotate(RateLimit, ratePolicies.begin),
    /** Signs in. With `purpose: "reauth"`, records a new proof for the session of the request instead. */
    HttpApiEndpoint.post("verify", "/verify", {
      payload: nullAsLeftOut(Schema.Struct({
        ...SignedMessageFields,
        purpose: Schema.optionalKey(Schema.Literals(["login", "reauth"])),
        /** With `cookie`, the answer sets the session as a cookie and has no token. */
        transport: Schema.optionalKey(Schema.Literals(["bearer", "cookie"]))
      })),
      success: MeWithToken,
      error: [
        ...proofProblems,
        problem(UserDisabled),
        problem(ReauthMismatch),
        problem(Unauthenticated),
        problem(TokenReplaced),
        problem(AmbiguousCredentials)
      ]
    }).annotate(RateLimit, ratePolicies.finish)
  )
  .prefix("/auth/wallet")
{}
