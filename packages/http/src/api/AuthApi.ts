/**
 * Signing in by wallet, and out.
 */
import {
  ChainId,
  DisplayName,
  NonceInvalid,
  SignatureInvalid,
  SiweMismatch,
  SiweNonceId,
  UserDisabled,
  WalletAddressFromAnyCase
} from "@dchat/domain/identity"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { problem } from "./Problems.ts"
import { SessionView, UserView } from "./UserView.ts"

const Me = Schema.Struct({ user: UserView, session: SessionView }).annotate({ identifier: "Me" })

export class AuthApi extends HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.get("me", "/me", {
      success: Me
    }),
    HttpApiEndpoint.patch("rename", "/me", {
      payload: Schema.Struct({ displayName: DisplayName }),
      success: Me
    }),
    HttpApiEndpoint.post("logout", "/logout")
  )
  .middleware(Authentication)
  .add(
    HttpApiEndpoint.post("requestNonce", "/wallet/nonce", {
      payload: Schema.Struct({
        address: WalletAddressFromAnyCase,
        chainId: ChainId,
        purpose: Schema.optionalKey(Schema.Literals(["login"]))
      }),
      /** `message` is the text to be signed by `personal_sign`, as it is; `expiresIn` is in seconds. */
      success: Schema.Struct({ nonceId: SiweNonceId, message: Schema.String, expiresIn: Schema.Int })
    }),
    HttpApiEndpoint.post("verify", "/wallet/verify", {
      payload: Schema.Struct({
        nonceId: SiweNonceId,
        signature: Schema.String.check(Schema.isMaxLength(4096)),
        message: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4096))),
        /** `cookie`: the session is set as a cookie, and its token is not in the answer. */
        transport: Schema.optionalKey(Schema.Literals(["bearer", "cookie"]))
      }),
      success: Schema.Struct({ token: Schema.optionalKey(Schema.String), user: UserView, session: SessionView }),
      error: [problem(NonceInvalid), problem(SiweMismatch), problem(SignatureInvalid), problem(UserDisabled)]
    })
  )
  .prefix("/auth")
{}
