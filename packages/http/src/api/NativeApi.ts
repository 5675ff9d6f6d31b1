/**
 * The endpoints by which a native application signs in through the system's browser (RFC 8252, RFC 7636).
 */
import {
  CodeChallenge,
  NativeCodeInvalid,
  NativeFlowId,
  NativeFlowInvalid,
  NativeRedirectNotAllowed,
  NativeState,
  UserDisabled
} from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { MeWithToken } from "./AuthApi.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { problem } from "./Problems.ts"
import { RateLimit, ratePolicies } from "./RateLimited.ts"
import { proofProblems, SignedMessageFields } from "./WalletsApi.ts"

export class NativeApi extends HttpApiGroup.make("native").add(
  /** The page to open in the system's browser. The browser ends at `redirect_uri?code=...&state=...`. */
  HttpApiEndpoint.get("start", "/native/start", {
    query: {
      /** A loopback address with any port, or a configured URI. */
      redirect_uri: StorableText.check(Schema.isMaxLength(2048)),
      code_challenge: CodeChallenge,
      code_challenge_method: Schema.Literal("S256"),
      state: NativeState
    },
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
    error: problem(NativeRedirectNotAllowed)
  }).annotate(RateLimit, ratePolicies.begin),
  /** Signs in by wallet for an application. The browser goes on to `location`. */
  HttpApiEndpoint.post("wallet", "/native/wallet", {
    payload: nullAsLeftOut(Schema.Struct({ flow: NativeFlowId, ...SignedMessageFields })),
    success: Schema.Struct({ location: Schema.String }),
    error: [...proofProblems, problem(NativeFlowInvalid), problem(UserDisabled)]
  }).annotate(RateLimit, ratePolicies.finish),
  /** Exchanges a code for a session: once, within 60 seconds. */
  HttpApiEndpoint.post("token", "/token", {
    payload: Schema.Struct({
      code: StorableText.check(Schema.isMaxLength(200)),
      codeVerifier: StorableText.check(Schema.isMaxLength(200)),
      redirectUri: StorableText.check(Schema.isMaxLength(2048))
    }),
    success: MeWithToken,
    error: [problem(NativeCodeInvalid), problem(UserDisabled)]
  }).annotate(RateLimit, ratePolicies.finish)
).prefix("/auth") {}
