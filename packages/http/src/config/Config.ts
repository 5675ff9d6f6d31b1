/**
 * The configuration of a host, by environment variables.
 */
import { type ChargingOptions, defaultExposure } from "@dchat/adapters/node"
import { CallTimeouts, defaultTimeouts } from "@dchat/domain/call"
import type { ExposureBudget } from "@dchat/domain/onchain"
import { Config, ConfigProvider, Effect, Option, Redacted, Schema } from "effect"
import { trustedProxies } from "../limits/ClientAddress.ts"
import { type StripeConfig, stripeConfig, type WebhookSecretMissing } from "./BillingConfig.ts"
import { type IdentityConfig, identityConfig } from "./IdentityConfig.ts"
import { list } from "./ListConfig.ts"
import { unsafeIn, type UnsafeInProduction } from "./ProductionRules.ts"
import { secretsConfig } from "./Secrets.ts"

/** The default data directory. */
export const defaultDataDirectory = ".dchat"

/** An origin or the address of the site: nothing but scheme, host and port. */
const Origin = Schema.URLFromString.check(
  Schema.makeFilter((url) =>
    ((url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/" && url.search === "" &&
      url.hash === "" && url.username === "") || "expected an http or https URL without a path"
  )
)

const StunUrl = Schema.String.check(Schema.isPattern(/^stuns?:[^\s,]+$/, { expected: "URLs as in stun:host:port" }))

/** Changed timers of calls, as JSON, in seconds. */
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

const count = (minimum: number, maximum: number) =>
  Schema.FiniteFromString.check(
    Schema.isInt({ expected: "a whole number" }),
    Schema.isBetween({ minimum, maximum }, { expected: `a number from ${minimum} to ${maximum}` })
  )

const Seconds = count(1, 3600)

const Connections = count(1, 1_000_000)

const Days = count(0, 36_500)

/** The most value of payments that give access and are not settled, in US dollars. */
const exposure = Config.all({
  installation: Config.schema(count(0, 1_000_000_000), "DCHAT_EXPOSURE_LIMIT").pipe(
    Config.withDefault(Number(defaultExposure.installation.minorUnits / 100n))
  ),
  user: Config.schema(count(0, 1_000_000), "DCHAT_EXPOSURE_LIMIT_PER_USER").pipe(
    Config.withDefault(Number(defaultExposure.user.minorUnits / 100n))
  )
}).pipe(
  Config.map(({ installation, user }): ExposureBudget => ({ installation: dollars(installation), user: dollars(user) }))
)

const dollars = (units: number) => ({ currency: "USD", minorUnits: BigInt(units) * 100n })

const ChargingKey = Schema.String.check(
  Schema.isPattern(/^0x(?!0{64}$)[0-9a-fA-F]{64}$/u, { expected: "a private key: 0x and 64 hexadecimal digits" })
)

/** The account that charges renewals. */
const charging = Config.all({
  key: Config.schema(Schema.Redacted(ChargingKey), "DCHAT_CHARGING_KEY").pipe(Config.option),
  mostGwei: Config.schema(count(1, 1_000_000), "DCHAT_CHARGING_MOST_GWEI").pipe(Config.withDefault(200))
}).pipe(
  Config.map(({ key, mostGwei }): Option.Option<ChargingOptions> => Option.map(key, (key) => ({ key, mostGwei })))
)

const settings = Config.all({
  host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
  port: Config.Port("PORT").pipe(Config.withDefault(3000)),
  environment: Config.Literals(["development", "production"], "DCHAT_ENV").pipe(Config.withDefault("development")),
  publicUrl: Config.schema(Origin, "DCHAT_PUBLIC_URL").pipe(Config.option),
  databaseUrl: Config.Redacted("DATABASE_URL").pipe(Config.option),
  exposure,
  charging,
  dataDirectory: Config.String("DCHAT_DATA_DIR").pipe(Config.option),
  allowedOrigins: list("DCHAT_ALLOWED_ORIGINS", Origin),
  trustedProxies,
  rateLimits: Config.Literals(["on", "off"], "DCHAT_RATE_LIMITS").pipe(Config.withDefault("on")),
  stunUrls: list("STUN_URLS", StunUrl),
  timeouts: Config.schema(Timeouts, "DCHAT_CALL_TIMEOUTS").pipe(
    Config.withDefault({}),
    Config.map((changes) => ({ ...defaultTimeouts, ...changes }))
  ),
  callRetentionDays: Config.schema(Days, "DCHAT_CALL_RETENTION_DAYS").pipe(Config.withDefault(0)),
  secrets: secretsConfig,
  serviceKeys: list("DCHAT_SERVICE_KEYS", Schema.String.check(Schema.isMinLength(32))).pipe(
    Config.map((keys) => keys.map((key) => Redacted.make(key)))
  ),
  docs: Config.Literals(["on", "off"], "DCHAT_DOCS").pipe(Config.option),
  webDirectory: Config.String("DCHAT_WEB_DIR").pipe(Config.option),
  keepAliveSeconds: Config.schema(Seconds, "DCHAT_KEEP_ALIVE_SECONDS").pipe(Config.withDefault(65)),
  maxConnections: Config.schema(Connections, "DCHAT_MAX_CONNECTIONS").pipe(Config.withDefault(10_000))
})

export interface HostConfig extends Config.Success<typeof settings> {
  readonly identity: IdentityConfig
  /** The settings of payments by card. Absent if users cannot pay by card. */
  readonly stripe: Option.Option<StripeConfig>
}

export const HostConfig: Effect.Effect<HostConfig, Config.ConfigError | UnsafeInProduction | WebhookSecretMissing> =
  Effect.gen(function*() {
    const config = yield* settings
    const unsafe = config.environment === "production" ? unsafeIn(config) : undefined
    if (unsafe !== undefined) return yield* unsafe
    return {
      ...config,
      identity: yield* identityConfig(config.environment),
      stripe: yield* stripeConfig(config.environment)
    }
  })

/** The configuration in these variables. A variable that is set to nothing counts as not set. */
export const layerVariables = (variables: Readonly<Record<string, string | undefined>>) =>
  ConfigProvider.layer(
    Effect.sync(() =>
      ConfigProvider.fromEnv({
        env: Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => value ? [[name, value]] : []))
      })
    )
  )

/** The configuration in the variables of the process, when the layer is built. */
export const layerEnvironment = layerVariables(process.env)

/** The origin that users use. */
export const publicUrlOf = ({ port, publicUrl }: Pick<HostConfig, "port" | "publicUrl">): URL =>
  Option.getOrElse(publicUrl, () => new URL(`http://localhost:${port}`))
