/**
 * A whole host as a layer, for programs on Effect: every service, the API, realtime connections, and the HTTP server.
 */
import { defaultExposure } from "@dchat/adapters/node"
import { CallSettings, defaultTimeouts } from "@dchat/domain/call"
import { Layer, Option } from "effect"
import { type HostConfig, publicUrlOf } from "../config/Config.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { defaultIdentityConfig } from "../config/IdentityConfig.ts"
import { SharedSecrets } from "../config/SharedSecrets.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { BillingLayer } from "./BillingLayers.ts"
import { HostServer } from "./HostServer.ts"
import { HttpApp } from "./HttpApp.ts"
import { Cryptography, databaseOf, PostgresPorts, Services } from "./Layers.ts"

/** The configuration of a host without any variable: development, on an embedded PostgreSQL in `.dchat`. */
export const defaults: HostConfig = {
  host: "127.0.0.1",
  port: 3000,
  environment: "development",
  publicUrl: Option.none(),
  databaseUrl: Option.none(),
  dataDirectory: Option.none(),
  allowedOrigins: [],
  trustedProxies: [],
  rateLimits: "on",
  stunUrls: [],
  timeouts: defaultTimeouts,
  callRetentionDays: 0,
  exposure: defaultExposure,
  charging: Option.none(),
  secrets: Option.none(),
  serviceKeys: [],
  docs: Option.none(),
  webDirectory: Option.none(),
  keepAliveSeconds: 65,
  maxConnections: 10_000,
  identity: defaultIdentityConfig,
  stripe: Option.none()
}

const settingsOf = (config: HostConfig) =>
  Layer.merge(
    Layer.succeed(HostSettings, {
      environment: config.environment,
      publicUrl: publicUrlOf(config),
      port: config.port,
      allowedOrigins: config.allowedOrigins.map(({ origin }) => origin),
      trustedProxies: config.trustedProxies,
      rateLimits: config.rateLimits,
      stunUrls: config.stunUrls,
      serviceKeys: config.serviceKeys,
      docs: Option.getOrElse(config.docs, () => config.environment === "production" ? "off" as const : "on" as const),
      webDirectory: Option.getOrUndefined(config.webDirectory)
    }),
    Layer.succeed(CallSettings, { timeouts: config.timeouts, retentionDays: config.callRetentionDays })
  )

/** Every service of a host and its background work, without an HTTP server. */
export const services = (options: Partial<HostConfig> = {}) => {
  const config = { ...defaults, ...options }
  return HostLoad.layer.pipe(
    Layer.provideMerge(Services(config.identity, BillingLayer(config.stripe), {
      chains: config.identity.chains,
      exposure: config.exposure,
      charging: Option.getOrUndefined(config.charging)
    })),
    Layer.provideMerge(SharedSecrets(config)),
    Layer.provide(Cryptography),
    Layer.provideMerge(PostgresPorts(databaseOf(config))),
    Layer.provideMerge(settingsOf(config))
  )
}

/** A host that listens, with its services. */
export const layer = (options: Partial<HostConfig> = {}) => {
  const config = { ...defaults, ...options }
  return HttpApp.pipe(
    // Last, because a client that connects before the routes exist would wait for an answer in vain.
    Layer.provideMerge(HostServer({
      host: config.host,
      port: config.port,
      keepAliveSeconds: config.keepAliveSeconds,
      maxConnections: config.maxConnections,
      trustedProxies: config.trustedProxies,
      rateLimits: config.rateLimits
    })),
    Layer.provideMerge(services(config))
  )
}
