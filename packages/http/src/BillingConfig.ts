/**
 * How people pay at an installation, by environment variables.
 */
import type { StripeAccess } from "@dchat/adapters/stripe"
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { list } from "./ListConfig.ts"

/** How Stripe is reached, and how what it sends is known to be from it. */
export interface StripeConfig extends StripeAccess {
  readonly webhookSecrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** With a key alone, nothing that Stripe tells could be believed. */
export class WebhookSecretMissing extends Schema.TaggedError<WebhookSecretMissing>()("WebhookSecretMissing", {}) {
  override get message() {
    return "STRIPE_SECRET_KEY is set, so STRIPE_WEBHOOK_SECRETS has to be the signing secret of the webhook endpoint"
  }
}

/** The secret key goes to Stripe, or to a stand-in on this computer, and nowhere else. */
const isTrusted = ({ hostname, protocol }: URL): boolean =>
  protocol === "https:" ? hostname === "stripe.com" || hostname.endsWith(".stripe.com") : isLoopback(hostname)

const isLoopback = (hostname: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(hostname)

const ApiBase = Schema.URLFromString.check(
  Schema.makeFilter((url) => isTrusted(url) || "expected an address of Stripe's, or of a stand-in on this computer")
)

const variables = Config.all({
  secretKey: Config.NonEmptyString("STRIPE_SECRET_KEY").pipe(Config.map(Redacted.make), Config.option),
  webhookSecrets: list("STRIPE_WEBHOOK_SECRETS", Schema.NonEmptyString).pipe(
    Config.map((secrets) => secrets.map((secret) => Redacted.make(secret)))
  ),
  apiBase: Config.schema(ApiBase, "STRIPE_API_BASE").pipe(Config.option)
})

/** Stripe is set up where there is a key. */
export const stripeConfig: Effect.Effect<Option.Option<StripeConfig>, Config.ConfigError | WebhookSecretMissing> =
  Effect.gen(function*() {
    const { apiBase, secretKey, webhookSecrets } = yield* variables
    if (Option.isNone(secretKey)) return Option.none()
    if (webhookSecrets.length === 0) return yield* new WebhookSecretMissing()
    return Option.some({ secretKey: secretKey.value, webhookSecrets, apiBase: Option.getOrUndefined(apiBase) })
  })
