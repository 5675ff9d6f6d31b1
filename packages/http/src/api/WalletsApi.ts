/**
 * Proving wallets (EIP-4361): to sign in, to add one, to show that one is still there.
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
  /** When given, it has to be the message that was handed out. */
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
        /** `login` unless given. The others are for who is signed in, in that session. */
        purpose: Schema.optionalKey(ProofPurpose)
      })),
      /** `message` is the text to be signed by `personal_sign`, as it is; `expiresIn` is in seconds. */
      success: Schema.Struct({ nonceId: SiweNonceId, message: Schema.String, expiresIn: Schema.Int }),
      error: [problem(Unauthenticated), problem(AmbiguousCredentials), problem(TokenReplaced)]
    }).annotate(RateLimit, ratePolicies.begin),
    /** Signs in; or, with `purpose: "reauth"`, makes the session that asks count as fresh. */
    HttpApiEndpoint.post("verify", "/verify", {
      payload: nullAsLeftOut(Schema.Struct({
        ...SignedMessageFields,
        purpose: Schema.optionalKey(Schema.Literals(["login", "reauth"])),
        /** `cookie`: the session is set as a cookie, and its token is not in the answer. */
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
