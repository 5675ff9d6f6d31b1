/**
 * Checks the URL to which the secret key is sent: Stripe's API, or in development a simulated Stripe on this computer.
 */
import { Schema } from "effect"

/** https://docs.stripe.com/api */
const apiHost = "api.stripe.com"

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"])

const isStripe = ({ hostname, port, protocol }: URL): boolean =>
  protocol === "https:" && hostname === apiHost && port === ""

const isStandIn = ({ hostname, protocol }: URL): boolean =>
  (protocol === "http:" || protocol === "https:") && loopback.has(hostname)

const isBare = ({ hash, password, pathname, search, username }: URL): boolean =>
  pathname === "/" && search === "" && hash === "" && username === "" && password === ""

export const StripeApiBase = (environment: "development" | "production") =>
  Schema.URLFromString.check(
    Schema.makeFilter((url) => {
      const isTrusted = isStripe(url) || (environment === "development" && isStandIn(url))
      if (isTrusted && isBare(url)) return true
      return environment === "development"
        ? `expected https://${apiHost}, or a stand-in on this computer`
        : `expected https://${apiHost}, since DCHAT_ENV is production`
    })
  )
