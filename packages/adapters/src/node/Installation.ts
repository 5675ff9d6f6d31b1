/**
 * The layer behind `openDchat`: every service over the ports of one process.
 */
import { CallDirectory, CallPolicy, CallSettings, defaultTimeouts, RingLimit } from "@dchat/domain/call"
import { MasterSecrets, type UserId } from "@dchat/domain/identity"
import { Billing, Catalogue, defaultPlans } from "@dchat/domain/subscription"
import { Context, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { IdentityCallDirectory } from "../bridges/index.ts"
import { Cryptography } from "../crypto/Cryptography.ts"
import type { DchatOptions, StripeOptions } from "./DchatOptions.ts"
import { noChains } from "./OnchainServices.ts"
import { type DatabaseLocation, MemoryPorts, PostgresPorts } from "./Ports.ts"
import { Services } from "./Services.ts"
import { StripeHost } from "./StripeServices.ts"

const directoryOf = (users: DchatOptions["users"]) => {
  if (users === "dchat") return IdentityCallDirectory.layer
  const known = users === undefined || users === "any"
    ? (ids: ReadonlyArray<UserId>) => Promise.resolve(ids)
    : (ids: ReadonlyArray<UserId>) => users.known(ids)
  return Layer.succeed(CallDirectory, {
    known: (ids) =>
      Effect.map(Effect.promise(() => Promise.resolve(known(ids))), (found) => {
        const names = new Set<string>(found)
        return new Set(ids.filter((id) => names.has(id)))
      }),
    aliases: (id) => Effect.succeed([id])
  })
}

/**
 * The secret of an embedded installation. Such an installation has no sign-in, so no stored data depends on the secret.
 */
const ownSecret = Layer.effect(
  MasterSecrets,
  Effect.gen(function*() {
    const { randomBytes } = yield* SecureRandom.SecureRandom
    return { secrets: [Redacted.make(Base64Url.encode(yield* randomBytes(48)))] as const }
  })
).pipe(Layer.provide(Cryptography))

const stripeHost = ({ apiBase, returnTo, secretKey, webhookSecrets }: StripeOptions) =>
  StripeHost({
    secretKey: Redacted.make(secretKey),
    webhookSecrets: webhookSecrets.map((secret) => Redacted.make(secret)),
    returnTo: new URL(returnTo),
    apiBase: apiBase === undefined ? undefined : new URL(apiBase)
  })

const identity = {
  issuer: "http://localhost",
  keepLinkedInTokens: false,
  chains: [],
  nativeRedirects: [],
  accessTokenAudiences: []
}

const settingsOf = ({ callRetentionDays, plans = defaultPlans, timeouts }: DchatOptions) =>
  Layer.succeedContext(
    Context.make(Catalogue, plans).pipe(
      Context.add(CallSettings, { timeouts: { ...defaultTimeouts, ...timeouts }, retentionDays: callRetentionDays })
    )
  )

const callRulesOf = ({ users }: DchatOptions) =>
  Layer.mergeAll(directoryOf(users), CallPolicy.layerOpen, RingLimit.layerUnlimited)

const locationOf = ({ database, onDatabaseLost }: DchatOptions): DatabaseLocation =>
  typeof database === "string"
    ? { url: Redacted.make(database) }
    : { directory: database.directory, whenLost: Effect.sync(() => onDatabaseLost?.()) }

export const installationInMemory = (options: DchatOptions) =>
  Services({ identity, callRules: callRulesOf(options), billing: Billing.layerNone, onchain: noChains }).pipe(
    Layer.provideMerge(MemoryPorts),
    Layer.provideMerge([ownSecret, settingsOf(options)])
  )

export const installationOnDatabase = (options: DchatOptions) => {
  const { stripe } = options
  const rest = { identity, callRules: callRulesOf(options), onchain: noChains }
  const services = stripe === undefined
    ? Services({ ...rest, billing: Billing.layerNone })
    : Services({ ...rest, billing: stripeHost(stripe) })
  return services.pipe(
    Layer.provideMerge(PostgresPorts(locationOf(options))),
    Layer.provideMerge([ownSecret, settingsOf(options)])
  )
}
