/**
 * `dchat`, the operators' command line, with its commands and the ways in which it fails.
 */
import { Database } from "@dchat/adapters/postgres"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Predicate, Schema } from "effect"
import { Command } from "effect/cli"
import { SqlError } from "effect/sql"
import { end } from "./commands/calls/end.ts"
import { list } from "./commands/calls/list.ts"
import { show as showCall } from "./commands/calls/show.ts"
import { login } from "./commands/login.ts"
import { logout } from "./commands/logout.ts"
import { migrate } from "./commands/migrate.ts"
import { assign, list as listPayments, recheck, refundNote, show as showPayment } from "./commands/payments/inbox.ts"
import { refunded, returnCredit } from "./commands/payments/refunds.ts"
import { sync } from "./commands/plans/sync.ts"
import { forget } from "./commands/secrets/forget.ts"
import { cancel, refund } from "./commands/subscriptions/cancel.ts"
import { grant, revoke } from "./commands/subscriptions/grant.ts"
import { show as showSubscription } from "./commands/subscriptions/show.ts"
import { unreadable } from "./commands/subscriptions/unreadable.ts"
import { activity } from "./commands/users/activity.ts"
import { disable } from "./commands/users/disable.ts"
import { enable } from "./commands/users/enable.ts"
import { show as showUser } from "./commands/users/show.ts"
import { list as listWebhooks, replay } from "./commands/webhooks/list.ts"
import { whoami } from "./commands/whoami.ts"
import {
  BillingLive,
  BrowserSignInLive,
  CallsLive,
  DatabaseToMigrate,
  IdentitiesLive,
  LoginLive,
  PaymentsLive,
  PlanSyncLive,
  SecretChecksLive,
  SubscriptionsLive
} from "./Layers.ts"
import { Migrations } from "./Migrations.ts"
import { refuse } from "./Refusal.ts"

const MigrationsLive = Layer.effect(
  Migrations,
  Effect.gen(function*() {
    const context = yield* Effect.context<Layer.Success<typeof DatabaseToMigrate>>()
    return {
      run: Database.migrateOn.pipe(
        Effect.provide(context),
        Effect.map((applied) => applied.map(([, name]) => name))
      )
    }
  })
).pipe(Layer.provide(DatabaseToMigrate))

const calls = Command.make("calls").pipe(
  Command.withDescription("Show calls and end them"),
  Command.withSubcommands([list, showCall, end]),
  Command.provide(CallsLive)
)

const users = Command.make("users").pipe(
  Command.withDescription("Show users, disable and enable them"),
  Command.withSubcommands([showUser, activity, disable, enable]),
  Command.provide(IdentitiesLive)
)

const secrets = Command.make("secrets").pipe(
  Command.withDescription("Manage the record of the secrets that the hosts share"),
  Command.withSubcommands([forget]),
  Command.provide(SecretChecksLive)
)

const plans = Command.make("plans").pipe(
  Command.withDescription("Manage the plans at the payment provider"),
  Command.withSubcommands([sync]),
  Command.provide(PlanSyncLive)
)

const subscriptions = Command.make("subscriptions").pipe(
  Command.withDescription("Show, grant, cancel and refund subscriptions"),
  Command.withSubcommands([showSubscription, grant, revoke, cancel, refund, unreadable]),
  Command.provide(SubscriptionsLive)
)

const payments = Command.make("payments").pipe(
  Command.withDescription("Show payments by wallet that fit no order, assign them, and record refunds"),
  Command.withSubcommands([listPayments, showPayment, recheck, assign, refundNote, refunded, returnCredit]),
  Command.provide(PaymentsLive)
)

const webhooks = Command.make("webhooks").pipe(
  Command.withDescription("Show and retry events from the payment provider, and deliveries to the provider"),
  Command.withSubcommands([listWebhooks, replay]),
  Command.provide(BillingLive)
)

/** The whole command line. */
export const root = Command.make("dchat").pipe(
  Command.withDescription("Operate a dchat installation"),
  Command.withSubcommands([
    migrate.pipe(Command.provide(MigrationsLive)),
    calls,
    users,
    secrets,
    plans,
    subscriptions,
    payments,
    webhooks,
    login.pipe(Command.provide(BrowserSignInLive), Command.provide(LoginLive)),
    whoami.pipe(Command.provide(LoginLive)),
    logout.pipe(Command.provide(LoginLive))
  ])
)

/** Prints a failure that an operator can fix in one line. */
const explain = (failure: { readonly message: string }) => refuse(`dchat: ${failure.message.split("\n", 1)[0]}`)

/** Prints the message of the database, which is more specific than the message of the client. */
const explainSql = ({ reason }: SqlError.SqlError) =>
  explain({
    message: Predicate.hasProperty(reason.cause, "message")
      ? `the database reports: ${reason.cause.message}`
      : reason.message ?? reason._tag
  })

/** The stored data is damaged or of a newer release. No value is quoted, because a value may be personal. */
const explainDefect = (defect: unknown) =>
  SqlError.isSqlError(defect)
    ? explainSql(defect)
    : Schema.isSchemaError(defect)
    ? explain({ message: "this release cannot read the stored data: the data is damaged or of a newer release" })
    : Effect.die(defect)

/** Runs the command that these words name. Failures are explained on standard error, and set the exit code. */
export const dchat = (words: ReadonlyArray<string>) =>
  Command.runWith(root, { version: "0.1.0" })(words).pipe(
    Effect.catchTags({
      ConfigError: explain,
      DatabaseUnreachable: explain,
      EmbeddedPostgresError: explain,
      HostRefused: explain,
      ListenerUnavailable: explain,
      LoginEnded: explain,
      LoginFileUnusable: explain,
      NotSignedIn: explain,
      SchemaUnusable: explain,
      SignInRefused: explain,
      SignInTimedOut: explain,
      SqlError: explainSql
    }),
    Effect.catchDefect(explainDefect),
    Effect.provide(NodeServices.layer)
  )
