/**
 * The host of `npm run demo`: with stand-ins for LinkedIn, Stripe and a chain beside it, and a clock that all of them
 * read, which can be put forward on a page of the stand-in.
 */
import { syncPlans } from "@dchat/adapters/stripe"
import { SessionLifetimes } from "@dchat/domain/identity"
import { defaultPlans } from "@dchat/domain/subscription"
import { isLeftOut as hasNoNode } from "@dchat/doubles/chain"
import { LinkedInDouble } from "@dchat/doubles/linkedin"
import { AdjustableClock, StripeDouble } from "@dchat/doubles/stripe"
import { Console, Duration, Effect, Redacted, Schedule } from "effect"
import { cpSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { program, run } from "../packages/http/src/host/Host.ts"
import { type DemoChain, startDemoChain, walletMoney } from "./demo-chain.ts"

const publicUrl = process.env["DCHAT_PUBLIC_URL"] || `http://localhost:${process.env["PORT"] || "3000"}`
const port = Number(process.env["PORT"] || "3000")
/** The node of the chain. The simulated wallet of the page connects to this port. */
const chainPort = Number(process.env["DCHAT_DEMO_CHAIN_PORT"] || port + 11)
const stripePort = Number(process.env["DCHAT_DEMO_STRIPE_PORT"] || port + 10)
const dataDirectory = process.env["DCHAT_DATA_DIR"] ?? ".dchat-demo"
const stripeFile = `${dataDirectory}-stripe.json`
/** The page of this demo: with a simulated wallet that knows the chain. */
const pageDirectory = `${dataDirectory}-page`
const secret = "whsec_demo"

/** The clock may move by months between two clicks, and no user should have to sign in after each move. */
const lifetimes = { idle: Duration.weeks(5000), absolute: Duration.weeks(5000) }

const chainWords = (chain: DemoChain | undefined) =>
  chain === undefined
    ? "There is no node of a chain for this platform, so this demo has no payments by wallet."
    : `The page has a simulated wallet, and each of its accounts has ${walletMoney} on a chain of this computer.
The chain begins anew with each start. Its controls are on the page of the clock: make blocks, or replace blocks.`

const introduction = (stripe: string, chain: DemoChain | undefined) =>
  `This is a demo. When dchat prints that it is ready, open ${publicUrl} in a browser.
"LinkedIn", "Stripe" and the wallet are simulations on this computer: no data leaves it, and no money moves.
The invoices, the cards and the clock of the simulated Stripe are at ${stripe}: move the clock by a day, a month or a year.
${chainWords(chain)}
The data is in ${dataDirectory} and ${stripeFile}: remove both to start again. Ctrl+C stops everything.
`

/** The page that `npm run demo` built, with the description of the chain of this run. */
const layPage = (chain: DemoChain): string => {
  rmSync(pageDirectory, { recursive: true, force: true })
  cpSync(process.env["DCHAT_WEB_DIR"] ?? "", pageDirectory, { recursive: true })
  writeFileSync(join(pageDirectory, "demo-chain.json"), JSON.stringify(chain.wallet))
  return pageDirectory
}

const demo = Effect.gen(function*() {
  const clock = AdjustableClock.make()
  const linkedIn = yield* LinkedInDouble.start({ redirectUris: [new URL("/auth/linkedin/callback", publicUrl).href] })
  const chain = hasNoNode ? undefined : yield* startDemoChain(clock, chainPort)
  const stripe = yield* StripeDouble.make({
    clock,
    port: stripePort,
    file: stripeFile,
    ...(chain && { controls: chain.controls })
  })
  const access = { secretKey: Redacted.make(stripe.secretKey), apiBase: new URL(stripe.origin) }
  yield* syncPlans(access, defaultPlans)
  yield* stripe.addEndpoint(new URL("/webhooks/stripe", publicUrl).href, secret)
  // Delivers again the events that the host missed before it was ready.
  yield* stripe.deliver().pipe(Effect.repeat(Schedule.spaced("2 seconds")), Effect.forkScoped)
  Object.assign(process.env, linkedIn.environment, {
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRETS: secret,
    STRIPE_API_BASE: stripe.origin,
    ...(chain && { EVM_CHAINS: chain.configuration(stripe.origin), DCHAT_WEB_DIR: layPage(chain) })
  })
  yield* Console.log(introduction(stripe.origin, chain))
  return yield* program.pipe(Effect.provideService(SessionLifetimes, lifetimes), Effect.provide(clock.layer))
}).pipe(Effect.scoped)

run(demo)
