/**
 * The layers of the commands: the database, the services over it, and the sign-in at a host. The database is that of
 * `DATABASE_URL`, else the embedded one of the data directory. A running host has started the embedded one, or it is
 * started for the command.
 */
import { IdentityCallDirectory, IdentityLinkedWallets } from "@dchat/adapters/bridges"
import { Cryptography } from "@dchat/adapters/crypto"
import { EmbeddedPostgres, type EmbeddedPostgresError } from "@dchat/adapters/embedded-postgres"
import { MemoryCallBus, MemoryIdentityBus, MemorySubscriptionBus } from "@dchat/adapters/memory"
import {
  Database,
  type DatabaseUnreachable,
  PgBilling,
  PgCalls,
  PgIdentity,
  PgOnchain,
  PgSecretCheckRepository,
  PgSubscriptionRepository
} from "@dchat/adapters/postgres"
import type * as Stripe from "@dchat/adapters/stripe"
import { CallConnections, CallEntitlement, CallPolicy, Calls, CallSteps, CallTime, RingLimit } from "@dchat/domain/call"
import { IdentityAdministration } from "@dchat/domain/identity"
import { PaymentInbox, TransferAttribution } from "@dchat/domain/onchain"
import { Catalogue, SubscriptionAdministration } from "@dchat/domain/subscription"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import { FetchHttpClient, HttpServer } from "effect/http"
import { UserDirectories } from "effect/persistence"
import { createServer } from "node:http"
import { ListenerUnavailable } from "./login/LoginErrors.ts"
import { SavedLogin } from "./login/SavedLogin.ts"
import { PlanSync, PlanSyncFailed } from "./PlanSync.ts"

const settings = Config.all({
  databaseUrl: Config.NonEmptyString("DATABASE_URL").pipe(Config.map(Redacted.make), Config.option),
  dataDirectory: Config.NonEmptyString("DCHAT_DATA_DIR").pipe(Config.option)
})

/** The default data directory of a host, by the same rule as the host's own. */
const locationOf = (dataDirectory: Option.Option<string>): EmbeddedPostgres.Options =>
  Option.match(dataDirectory, {
    onSome: (directory) => ({ directory }),
    onNone: () => ({ directory: ".dchat", whenInaccessible: "relocate" })
  })

const onServer = (server: EmbeddedPostgres.Server) => Database.layerOn(EmbeddedPostgres.clientConfig(server))

const database = Effect.gen(function*(): Effect.fn.Return<
  Layer.Layer<Database.Clients, DatabaseUnreachable | EmbeddedPostgresError>,
  Config.ConfigError
> {
  const { databaseUrl, dataDirectory } = yield* settings
  if (Option.isSome(databaseUrl)) return Database.layer({ url: databaseUrl.value })
  const location = locationOf(dataDirectory)
  const running = yield* EmbeddedPostgres.find(location)
  return Option.isSome(running)
    ? onServer(running.value)
    : Layer.unwrap(Effect.map(EmbeddedPostgres.start(location), onServer))
})

/** The database without a check of its schema, for migrations. */
export const DatabaseToMigrate = Layer.unwrap(database)

/**
 * The database for all other commands. A command refuses a database whose schema differs from the schema of this
 * version.
 */
export const DatabaseLive = Database.verified(DatabaseToMigrate)

/** The stored calls, and the service that changes calls. */
export const CallsLive = Calls.layer.pipe(
  Layer.provide(CallConnections.layer),
  Layer.provide(CallSteps.layer),
  Layer.provide(CallTime.layer),
  Layer.provide([
    MemoryCallBus.layer,
    IdentityCallDirectory.layer,
    CallPolicy.layerOpen,
    RingLimit.layerUnlimited,
    CallEntitlement.layerUnlimited
  ]),
  Layer.provide(Cryptography),
  Layer.provideMerge(PgCalls.layer),
  Layer.provide(PgIdentity.layer),
  Layer.provide(DatabaseLive)
)

/**
 * The stored identities, and the operations of administrators on them. Running hosts notice a change when they look
 * sessions up.
 */
export const IdentitiesLive = IdentityAdministration.layer.pipe(
  Layer.provideMerge(PgIdentity.layer),
  Layer.provide(MemoryIdentityBus.layer),
  Layer.provide(DatabaseLive)
)

/**
 * The stored subscriptions, and the operations of administrators on them. Running hosts send the intents to the payment
 * provider.
 */
export const SubscriptionsLive = SubscriptionAdministration.layer.pipe(
  Layer.provideMerge([PgSubscriptionRepository.layer, PgIdentity.layer]),
  Layer.provide([MemorySubscriptionBus.layer, NodeCrypto.layerSecureRandom]),
  Layer.provide(DatabaseLive)
)

const noAccess = { currency: "USD", minorUnits: 0n }

/** The transfers that pay nothing. A payment that is not settled gives no access by a command. */
export const PaymentsLive = PaymentInbox.layer.pipe(
  Layer.provide(TransferAttribution.layer({ installation: noAccess, user: noAccess })),
  Layer.provide([PgOnchain.layer, IdentityLinkedWallets.layer]),
  Layer.provideMerge(SubscriptionsLive),
  Layer.provide([MemorySubscriptionBus.layer, NodeCrypto.layerSecureRandom]),
  Layer.provide(DatabaseLive)
)

/** The secret key is sent only to the API that a host uses. */
const stripe = Effect.fnUntraced(function*({ StripeApiBase }: typeof Stripe) {
  const environment = yield* Config.Literals(["development", "production"], "DCHAT_ENV").pipe(
    Config.withDefault("development")
  )
  return yield* Config.all({
    secretKey: Config.NonEmptyString("STRIPE_SECRET_KEY").pipe(Config.map(Redacted.make), Config.option),
    apiBase: Config.schema(StripeApiBase(environment), "STRIPE_API_BASE").pipe(Config.option)
  })
})

/** The plans at Stripe, if a secret key is set. */
export const PlanSyncLive = Layer.effect(
  PlanSync,
  Effect.gen(function*() {
    // Stripe's library is a fifth of what the command line would load, and no other command uses it.
    const library = yield* Effect.promise(() => import("@dchat/adapters/stripe"))
    const { apiBase, secretKey } = yield* stripe(library)
    const plans = yield* Catalogue
    const run = Option.match(secretKey, {
      onNone: () => new PlanSyncFailed({ detail: "Set STRIPE_SECRET_KEY to the secret key of the account." }),
      onSome: (key) =>
        library.syncPlans({ secretKey: key, apiBase: Option.getOrUndefined(apiBase) }, plans).pipe(
          Effect.mapError((error) =>
            new PlanSyncFailed({
              detail: "isShutOut" in error && error.isShutOut === true ? `${error.detail}.` : `Stripe: ${error.message}`
            })
          )
        )
    })
    return PlanSync.of({ run })
  })
)

/** The requests and webhooks between this installation and the payment provider. */
export const BillingLive = PgBilling.layer.pipe(Layer.provide(DatabaseLive))

export const SecretChecksLive = PgSecretCheckRepository.layer.pipe(Layer.provide(DatabaseLive))

/** The saved login of this machine, and the client of its host. A token is sent only to its own host. */
export const LoginLive = Layer.mergeAll(
  SavedLogin.layer.pipe(Layer.provide(UserDirectories.layer)),
  FetchHttpClient.layer.pipe(Layer.provideMerge(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "error" })))
)

/** A port of the loopback interface that the system chooses. Browsers keep connections open in vain; they are cut. */
const LoopbackServer = Layer.effect(
  HttpServer.HttpServer,
  Effect.gen(function*() {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 })
    const listening = yield* NodeHttpServer.make(() => server, {
      host: "127.0.0.1",
      port: 0,
      gracefulShutdownTimeout: "500 millis"
    }).pipe(
      Effect.mapError(({ cause }) => new ListenerUnavailable({ detail: cause instanceof Error ? cause.message : "" }))
    )
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return listening
  })
)

/** The services that a sign-in in the browser needs. */
export const BrowserSignInLive = Layer.mergeAll(LoopbackServer, NodeCrypto.layerDigest, NodeCrypto.layerSecureRandom)
