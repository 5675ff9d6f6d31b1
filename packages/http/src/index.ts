/**
 * The host for programs on Effect: the whole host as a layer, and its parts.
 */
export { HostConfig, layerEnvironment } from "./config/Config.ts"
export { HostSettings, type HostSettingsShape } from "./config/HostSettings.ts"
export { type IdentityConfig } from "./config/IdentityConfig.ts"
export { SharedSecrets } from "./config/SharedSecrets.ts"
export * as Dchat from "./host/Dchat.ts"
export { type Handlers, makeHandlers } from "./host/Handlers.ts"
export { HostServer, type HostServerOptions } from "./host/HostServer.ts"
export { HttpApp, Routes } from "./host/HttpApp.ts"
export { Services } from "./host/Layers.ts"
export { RateLimits } from "./limits/RateLimits.ts"
export { layerRingRateLimit } from "./limits/RingRateLimit.ts"
export { HostMiddleware } from "./middleware/HostMiddleware.ts"
