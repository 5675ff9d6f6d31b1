/**
 * The configuration of a host, by environment variables.
 */
import { CallTimeouts, defaultTimeouts } from "@dchat/domain/call"
import { Config, ConfigProvider, Effect, Option, Redacted, Schema } from "effect"
import { type StripeConfig, stripeConfig, type WebhookSecretMissing } from "./BillingConfig.ts"
import { trustedProxies } from "./ClientAddress.ts"
import { type IdentityConfig, identityConfig } from "./IdentityConfig.ts"
import { list } from "./ListConfig.ts"
import { secretsConfig } from "./Secrets.ts"

/** Where the data is when nobody says where. */
export const defaultDataDirectory = ".dchat"

/** An origin or the address of the site: nothing but scheme, host and port. */
const Origin = Schema.URLFromString.check(
  Schema.makeFilter((url) =>
    ((url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/" && url.search === "" &&
      url.hash === "" && url.username === "") || "expected an http or https URL without a path"
  )
)

const StunUrl = Schema.String.check(Schema.isPattern(/^stuns?:[^\s,]+$/, { expected: "URLs as in stun:host:port" }))

/** Some of a call's timers, as JSON, in seconds. */
const Timeouts = Schema.fromJsonString(
  Schema.Struct({
    ring: Schema.optionalKey(CallTimeouts.fields.ring),
    resume: Schema.optionalKey(CallTimeouts.fields.resume),
    resumeWithMedia: Schema.optionalKey(CallTimeouts.fields.resumeWithMedia),
    media: Schema.optionalKey(CallTimeouts.fields.media),
    negotiation: Schema.optionalKey(CallTimeouts.fields.negotiation),
    transport: Schema.optionalKey(CallTimeouts.fields.transport),
    alone: Schema.optionalKey(CallTimeouts.fields.alone),
    warning: Schema.optionalKey(CallTimeouts.fields.warning)
  })
)

const settings = Config.all({
  host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
  port: Config.Port("PORT").pipe(Config.withDefault(3000)),
  environment: Config.Literals(["development", "production"], "DCHAT_ENV").pipe(Config.withDefault("development")),
  publicUrl: Config.schema(Origin, "DCHAT_PUBLIC_URL").pipe(Config.option),
  databaseUrl: Config.Redacted("DATABASE_URL").pipe(Config.option),
  dataDirectory: Config.String("DCHAT_DATA_DIR").pipe(Config.option),
  allowedOrigins: list("DCHAT_ALLOWED_ORIGINS", Origin),
  trustedProxies,
  rateLimits: Config.Literals(["on", "off"], "DCHAT_RATE_LIMITS").pipe(Config.withDefault("on")),
  stunUrls: list("STUN_URLS", StunUrl),
  timeouts: Config.schema(Timeouts, "DCHAT_CALL_TIMEOUTS").pipe(
    Config.withDefault({}),
    Config.map((changes) => ({ ...defaultTimeouts, ...changes }))
  ),
  secrets: secretsConfig,
  serviceKeys: list("DCHAT_SERVICE_KEYS", Schema.String.check(Schema.isMinLength(32))).pipe(
    Config.map((keys) => keys.map((key) => Redacted.make(key)))
  ),
  webDirectory: Config.String("DCHAT_WEB_DIR").pipe(Config.option)
})
export interface HostConfig extends Config.Success<typeof settings> {
  readonly identity: IdentityConfig
  /** None where nobody can pay by card. */
  readonly stripe: Option.Option<StripeConfig>
}

/** In production nobody signs in over a connection that others can read. */
export class InsecurePublicUrl extends Schema.TaggedError<InsecurePublicUrl>()("InsecurePublicUrl", {}) {
  override get message() {
    return "DCHAT_ENV is production, so DCHAT_PUBLIC_URL has to be the https URL that people use"
  }
}

/** In production nobody tries things as often as they like. */
export class RateLimitsOff extends Schema.TaggedError<RateLimitsOff>()("RateLimitsOff", {}) {
  override get message() {
    return "DCHAT_ENV is production, so DCHAT_RATE_LIMITS cannot be off"
  }
}

export const HostConfig: Effect.Effect<
  HostConfig,
  Config.ConfigError | InsecurePublicUrl | RateLimitsOff | WebhookSecretMissing
> = Effect.gen(
  function*() {
    const config = yield* settings
    if (config.environment === "production") {
      if (publicUrlOf(config).protocol !== "https:") return yield* new InsecurePublicUrl()
      if (config.rateLimits === "off") return yield* new RateLimitsOff()
    }
    return {
      ...config,
      identity: yield* identityConfig(config.environment),
      stripe: yield* stripeConfig(config.environment)
    }
  }
)

/** A variable that is set to nothing counts as not set. */
export const layerEnvironment = ConfigProvider.layer(
  Effect.sync(() =>
    ConfigProvider.fromEnv({
      env: Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => value ? [[name, value]] : []))
    })
  )
)

/** The origin that people use. */
export const publicUrlOf = ({ port, publicUrl }: Pick<HostConfig, "port" | "publicUrl">): URL =>
  Option.getOrElse(publicUrl, () => new URL(`http://localhost:${port}`))
