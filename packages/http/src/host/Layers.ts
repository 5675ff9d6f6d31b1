/**
 * Composes the host: selects the adapter for each port.
 */
import { IdentityCallDirectory } from "@dchat/adapters/bridges"
import { type DatabaseLocation, type OnchainOptions, Services as AllServices } from "@dchat/adapters/node"
import { CallPolicy } from "@dchat/domain/call"
import type { Billing } from "@dchat/domain/subscription"
import { Effect, Layer, Option } from "effect"
import { defaultDataDirectory, type HostConfig } from "../config/Config.ts"
import { HostSettings } from "../config/HostSettings.ts"
import type { IdentityConfig } from "../config/IdentityConfig.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import { layerRingRateLimit } from "../limits/RingRateLimit.ts"

export { BillingPorts, Cryptography, DatabasePorts, MemoryPorts, PostgresPorts } from "@dchat/adapters/node"

/** The rules that decide who may call whom on this host, and how often. */
const callRules = Layer.mergeAll(
  IdentityCallDirectory.layer,
  CallPolicy.layerOpen,
  layerRingRateLimit.pipe(Layer.provide(RateLimits.layer))
)

/** The services of the domain, and what runs in the background for them, over the ports that are given. */
export const Services = <A, E, R>(
  config: IdentityConfig,
  billing: Layer.Layer<A | Billing, E, R>,
  onchain: OnchainOptions
) =>
  Layer.unwrap(Effect.map(HostSettings, ({ publicUrl }) =>
    AllServices({
      identity: { ...config, issuer: publicUrl.origin, linkedIn: Option.getOrUndefined(config.linkedIn) },
      callRules,
      billing,
      onchain
    }))).pipe(Layer.provideMerge(RateLimits.layer))

/** The database of this installation: the one that is given, or an embedded one. */
export const databaseOf = ({ databaseUrl, dataDirectory }: HostConfig): DatabaseLocation => {
  if (Option.isSome(databaseUrl)) return { url: databaseUrl.value }
  // A host that has lost its database ends, so that the supervisor can restart both.
  const whenLost = Effect.sync(() => process.exit(1))
  return Option.isSome(dataDirectory)
    ? { directory: dataDirectory.value, whenLost }
    : { directory: defaultDataDirectory, whenInaccessible: "relocate", whenLost }
}
