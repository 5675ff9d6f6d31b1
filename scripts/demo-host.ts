/**
 * The host of `npm run demo`: with stand-ins for LinkedIn and Stripe in the same process, and a clock that all of them
 * read, which can be put forward on a page of the stand-in.
 */
import { syncPlans } from "@dchat/adapters/stripe"
import { SessionLifetimes } from "@dchat/domain/identity"
import { defaultPlans } from "@dchat/domain/subscription"
import { LinkedInDouble } from "@dchat/doubles/linkedin"
import { AdjustableClock, StripeDouble } from "@dchat/doubles/stripe"
import { Console, Duration, Effect, Redacted, Schedule } from "effect"
import { program, run } from "../packages/http/src/host/Host.ts"

const publicUrl = process.env["DCHAT_PUBLIC_URL"] || `http://localhost:${process.env["PORT"] || "3000"}`
const port = Number(process.env["PORT"] || "3000")
const stripePort = Number(process.env["DCHAT_DEMO_STRIPE_PORT"] || port + 10)
const dataDirectory = process.env["DCHAT_DATA_DIR"] ?? ".dchat-demo"
const stripeFile = `${dataDirectory}-stripe.json`
const secret = "whsec_demo"

/** The clock may move by months between two clicks, and no user should have to sign in after each move. */
const lifetimes = { idle: Duration.weeks(5000), absolute: Duration.weeks(5000) }

const introduction = (stripe: string) =>
  `This is a demo. When dchat prints that it is ready, open ${publicUrl} in a browser.
"LinkedIn" and "Stripe" are simulations on this computer: no data goes to LinkedIn or Stripe, and no money moves.
The invoices, the cards and the clock of the simulated Stripe are at ${stripe}: move the clock by a day, a month or a year.
The data is in ${dataDirectory} and ${stripeFile}: remove both to start again. Ctrl+C stops everything.
`

const demo = Effect.gen(function*() {
  const clock = AdjustableClock.make()
  const linkedIn = yield* LinkedInDouble.start({ redirectUris: [new URL("/auth/linkedin/callback", publicUrl).href] })
  const stripe = yield* StripeDouble.make({
    clock,
    port: stripePort,
    file: stripeFile
  })
  const access = { secretKey: Redacted.make(stripe.secretKey), apiBase: new URL(stripe.origin) }
  yield* syncPlans(access, defaultPlans)
  yield* stripe.addEndpoint(new URL("/webhooks/stripe", publicUrl).href, secret)
  // Delivers again the events that the host missed before it was ready.
  yield* stripe.deliver().pipe(Effect.repeat(Schedule.spaced("2 seconds")), Effect.forkScoped)
  Object.assign(process.env, linkedIn.environment, {
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRETS: secret,
    STRIPE_API_BASE: stripe.origin
  })
  yield* Console.log(introduction(stripe.origin))
  return yield* program.pipe(Effect.provideService(SessionLifetimes, lifetimes), Effect.provide(clock.layer))
}).pipe(Effect.scoped)

run(demo)
