/**
 * The deviations of LinkedIn from the standards that oidc-provider follows, applied to each answer.
 */
import { Predicate } from "effect"
import { decodeJwt } from "jose"
import type { Context } from "oidc-provider"
import { type Endpoint, type Json, linkedInError } from "./Fault.ts"
import type { Journal } from "./Journal.ts"
import { sign, type SigningKey } from "./SigningKeys.ts"

export interface Quirks {
  readonly journal: Journal
  /** Those that are published; the last one signs. */
  readonly keys: () => ReadonlyArray<SigningKey>
  readonly userinfoUrl: string
  readonly alter: (endpoint: Endpoint, answer: Json) => Promise<Json>
}

const refuseClient = (context: Context) => {
  context.status = 401
  context.remove("www-authenticate")
  context.body = { error: "invalid_client", error_description: "Client authentication failed" }
}

/** Profile claims in the ID token, whether an address is verified as a string, and scopes separated by commas. */
const token = async (context: Context, { alter, journal, keys }: Quirks) => {
  // An ordinary application that sends a code_verifier is taken for one of another kind.
  if (context.oidc?.body?.["code_verifier"] !== undefined || context.status === 401) return refuseClient(context)
  const answer = context.body as Json
  if (context.status !== 200 || !Predicate.isString(answer["id_token"])) return
  const claims = decodeJwt(answer["id_token"])
  const key = keys().at(-1) as SigningKey
  const altered = await alter("token", {
    ...answer,
    scope: String(answer["scope"]).split(" ").join(","),
    id_token: await sign(key, {
      ...claims,
      ...(claims["email_verified"] === undefined ? {} : { email_verified: String(claims["email_verified"]) })
    })
  })
  for (const secret of [answer["access_token"], altered["access_token"], altered["id_token"]]) {
    if (Predicate.isString(secret)) journal.secrets.add(secret)
  }
  journal.subjects.set(String(altered["access_token"]), String(claims.sub))
  context.body = altered
}

const userinfo = async (context: Context, { alter }: Quirks) => {
  if (context.status === 200) {
    context.body = await alter("userinfo", context.body as Json)
    return
  }
  const status = context.status
  context.remove("www-authenticate")
  context.body = linkedInError(status, 65_600, "INVALID_ACCESS_TOKEN", "Invalid access token")
  context.status = status
}

const jwks = async (context: Context, { alter, keys }: Quirks) => {
  context.body = await alter("jwks", { keys: keys().map(({ publicJwk }) => publicJwk) })
}

/** LinkedIn has no PKCE to offer, does not name itself in the callback and has userinfo on another host. */
const discovery = (context: Context, { userinfoUrl }: Quirks) => {
  const {
    authorization_response_iss_parameter_supported: _iss,
    code_challenge_methods_supported: _pkce,
    token_endpoint_auth_methods_supported: _methods,
    ...metadata
  } = context.body as Json
  context.body = { ...metadata, userinfo_endpoint: userinfoUrl }
}

/** The callback does not name the issuer (RFC 9207). */
const callback = (context: Context, { journal }: Quirks) => {
  const location = context.response.get("location")
  if (!URL.canParse(location)) return
  const url = new URL(location)
  const code = url.searchParams.get("code")
  if (code !== null) journal.secrets.add(code)
  if (!url.searchParams.has("iss")) return
  url.searchParams.delete("iss")
  context.set("location", url.href)
}

/** Middleware of oidc-provider's. */
export const make = (quirks: Quirks) => async (context: Context, next: () => Promise<void>): Promise<void> => {
  await next()
  switch (context.oidc?.route) {
    case "token":
      return token(context, quirks)
    case "userinfo":
      return userinfo(context, quirks)
    case "jwks":
      return jwks(context, quirks)
    case "discovery":
      return discovery(context, quirks)
    case "authorization":
    case "resume":
      return callback(context, quirks)
  }
}

/** The parameters of an authorization request that LinkedIn ignores: PKCE and the nonce. */
export const ignoredParameters = ["code_challenge", "code_challenge_method", "nonce"] as const
