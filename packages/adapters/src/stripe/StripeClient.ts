/**
 * The library of Stripe, made for this host: with a limit, and without tries of its own but for a connection that breaks,
 * because whatever fails is tried again from what is written down.
 */
import type { Redacted } from "effect"
import { Redacted as Secret } from "effect"
import { Stripe } from "stripe"

export interface StripeAccess {
  readonly secretKey: Redacted.Redacted<string>
  /** The URL of the API, if another than Stripe's. */
  readonly apiBase?: URL | undefined
}

/** The timeout of one request with its answer, in milliseconds. */
const timeout = 8000

export const makeClient = ({ apiBase, secretKey }: StripeAccess): Stripe =>
  new Stripe(Secret.value(secretKey), {
    maxNetworkRetries: 0,
    timeout,
    telemetry: false,
    appInfo: { name: "dchat" },
    ...(apiBase && {
      host: apiBase.hostname,
      port: apiBase.port === "" ? (apiBase.protocol === "https:" ? 443 : 80) : apiBase.port,
      protocol: apiBase.protocol === "https:" ? "https" : "http"
    })
  })
