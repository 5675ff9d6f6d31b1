/**
 * The payment settings of an installation, by environment variables.
 */
import { type StripeAccess, StripeApiBase } from "@dchat/adapters/stripe"
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { list } from "./ListConfig.ts"

/** The credentials of Stripe: the key of its API, and the secrets that authenticate its webhooks. */
export interface StripeConfig extends StripeAccess {
  readonly webhookSecrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** The secret key is set without a webhook secret, so no webhook could be authenticated. */
export class WebhookSecretMissing extends Schema.TaggedError<WebhookSecretMissing>()("WebhookSecretMissing", {}) {
  override get message() {
    return "STRIPE_SECRET_KEY is set, so STRIPE_WEBHOOK_SECRETS has to be the signing secret of the webhook endpoint"
  }
}

const variables = (environment: "development" | "production") =>
  Config.all({
    secretKey: Config.NonEmptyString("STRIPE_SECRET_KEY").pipe(Config.map(Redacted.make), Config.option),
    webhookSecrets: list("STRIPE_WEBHOOK_SECRETS", Schema.NonEmptyString).pipe(
      Config.map((secrets) => secrets.map((secret) => Redacted.make(secret)))
    ),
    apiBase: Config.schema(StripeApiBase(environment), "STRIPE_API_BASE").pipe(Config.option)
  })

/** Stripe is set up if a secret key is configured. */
export const stripeConfig = (
  environment: "development" | "production"
): Effect.Effect<Option.Option<StripeConfig>, Config.ConfigError | WebhookSecretMissing> =>
  Effect.gen(function*() {
    const { apiBase, secretKey, webhookSecrets } = yield* variables(environment)
    if (Option.isNone(secretKey)) return Option.none()
    if (webhookSecrets.length === 0) return yield* new WebhookSecretMissing()
    return Option.some({ secretKey: secretKey.value, webhookSecrets, apiBase: Option.getOrUndefined(apiBase) })
  })
