/**
 * The identity settings of an installation, by environment variables.
 */
import type { LinkedInOpenId } from "@dchat/adapters/linkedin"
import { decodeEvmChains, type EvmChains } from "@dchat/adapters/viem"
import { LinkedInClientId } from "@dchat/domain/identity"
import { Config, Effect, Option, Redacted, Schema, SchemaIssue } from "effect"
import { NativeRedirect } from "../pages/NativeRedirect.ts"
import { list } from "./ListConfig.ts"

const text = (name: string) => Config.NonEmptyString(name).pipe(Config.option)

const linkedIn = Config.all({
  clientId: Config.schema(LinkedInClientId, "LINKEDIN_CLIENT_ID").pipe(Config.option),
  clientSecret: text("LINKEDIN_CLIENT_SECRET").pipe(Config.map(Option.map(Redacted.make))),
  issuer: text("LINKEDIN_ISSUER"),
  authorizationUrl: text("LINKEDIN_AUTHORIZATION_URL"),
  tokenUrl: text("LINKEDIN_TOKEN_URL"),
  jwksUrl: text("LINKEDIN_JWKS_URL"),
  userinfoUrl: text("LINKEDIN_USERINFO_URL")
})

/** LinkedIn is set up if both the client id and the secret are configured. */
const linkedInOptions = (
  { clientId, clientSecret, ...urls }: Config.Success<typeof linkedIn>,
  allowInsecure: boolean
): Option.Option<LinkedInOpenId.Options> =>
  Option.isNone(clientId) || Option.isNone(clientSecret) ? Option.none() : Option.some({
    clientId: clientId.value,
    clientSecret: clientSecret.value,
    allowInsecure,
    ...Object.fromEntries(Object.entries(urls).flatMap(([name, url]) => Option.isSome(url) ? [[name, url.value]] : []))
  })

const chains = Config.String("EVM_CHAINS").pipe(
  Config.withDefault("[]"),
  Config.mapEffect((text) =>
    Effect.mapError(
      decodeEvmChains(text),
      ({ issue }) => new Config.ConfigError(new Schema.SchemaError(new SchemaIssue.Pointer(["EVM_CHAINS"], issue)))
    )
  )
)

export interface IdentityConfig {
  readonly linkedIn: Option.Option<LinkedInOpenId.Options>
  /** Whether LinkedIn's access tokens are kept, sealed, so that profiles can be read again. */
  readonly keepLinkedInTokens: boolean
  /** The chains at which contract wallets verify their signatures, and on some of which users can pay. */
  readonly chains: EvmChains
  readonly nativeRedirects: ReadonlyArray<string>
  /** Services for which access tokens are made. */
  readonly accessTokenAudiences: ReadonlyArray<string>
}

/** Plain HTTP to LinkedIn's stand-in on loopback is for development only. */
export const identityConfig = (environment: "development" | "production"): Config.Config<IdentityConfig> =>
  Config.all({
    linkedIn: linkedIn.pipe(Config.map((options) => linkedInOptions(options, environment === "development"))),
    keepLinkedInTokens: Config.Boolean("LINKEDIN_KEEP_TOKENS").pipe(Config.withDefault(true)),
    chains,
    nativeRedirects: list("DCHAT_NATIVE_REDIRECTS", NativeRedirect),
    accessTokenAudiences: list("DCHAT_ACCESS_TOKEN_AUDIENCES", Schema.String)
  })

/** The identity settings of a host without any variable. */
export const defaultIdentityConfig: IdentityConfig = {
  linkedIn: Option.none(),
  keepLinkedInTokens: true,
  chains: [],
  nativeRedirects: [],
  accessTokenAudiences: []
}
