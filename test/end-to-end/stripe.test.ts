/**
 * A host that dies while it works on what Stripe tells it, or tells Stripe something itself: nothing is lost, and
 * nothing is done twice.
 */
import { syncPlans } from "@dchat/adapters/stripe"
import { defaultPlans } from "@dchat/domain/subscription"
import { StripeDouble } from "@dchat/doubles/stripe"
import { Effect, Exit, Redacted, Scope } from "effect"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { afterAll, assert, beforeAll, test } from "vitest"
import { type Host, startHost } from "./support/host.ts"

const secret = "whsec_end_to_end"
const scope = Scope.makeUnsafe()
let double: StripeDouble.StripeDouble
let folder: string
let host: Host & { readonly port: number }

const run = <A>(effect: Effect.Effect<A>): Promise<A> => Effect.runPromise(effect)

const start = async (port?: number) => {
  host = await startHost(folder, {
    ...(port !== undefined && { port }),
    environment: {
      STRIPE_SECRET_KEY: double.secretKey,
      STRIPE_WEBHOOK_SECRETS: secret,
      STRIPE_API_BASE: double.origin,
      DCHAT_RATE_LIMITS: "off"
    }
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dchat-stripe-"))
  await chmod(folder, 0o755)
  double = await run(Scope.provide(Effect.orDie(StripeDouble.make()), scope))
  const access = { secretKey: Redacted.make(double.secretKey), apiBase: new URL(double.origin) }
  await run(Effect.orDie(syncPlans(access, defaultPlans)))
  await run(double.sendImmediately(false))
  await start()
  await run(double.addEndpoint(`${host.url}/webhooks/stripe`, secret))
}, 120_000)

afterAll(async () => {
  await host.stop()
  await run(Scope.close(scope, Exit.void))
  await rm(folder, { recursive: true, force: true })
})

const ask = async (method: string, path: string, token?: string, body?: object) => {
  const response = await fetch(`${host.url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" })
    },
    ...(body && { body: JSON.stringify(body) })
  })
  // oxlint-disable-next-line typescript/no-explicit-any
  return { status: response.status, json: await response.json() as any }
}

const signIn = async (): Promise<string> => {
  const account = privateKeyToAccount(generatePrivateKey())
  const nonce = await ask("POST", "/auth/wallet/nonce", undefined, { address: account.address, chainId: 1 })
  const signature = await account.signMessage({ message: nonce.json.message })
  const verified = await ask("POST", "/auth/wallet/verify", undefined, { nonceId: nonce.json.nonceId, signature })
  return verified.json.token
}

const order = { tier: "PRO", period: "monthly", method: "stripe" }

/** Lets messages through until what is asked for holds. */
const eventually = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    await run(double.deliver())
    if (await holds()) return
    await new Promise((done) => setTimeout(done, 50))
  }
  assert.fail(`never: ${what}`)
}

/** Ends the host at its n-th request to Stripe from now on. Resolves once it is gone. */
const crashAt = (count: number): Promise<void> => {
  let left = count
  return new Promise((resolve, reject) => {
    void run(double.onRequest(() => {
      left -= 1
      if (left === 0) host.crash().then(resolve, reject)
    }))
  })
}

test("a host that is killed at one of its requests to Stripe resumes after a restart", async () => {
  const token = await signIn()
  const placed = await ask("POST", "/api/subscriptions/create", token, order)
  assert.strictEqual(placed.status, 201, JSON.stringify(placed.json))
  const session = String(placed.json.payment.checkoutUrl).split("/").at(-1) ?? ""

  const me = async () => (await ask("GET", "/api/subscriptions/me", token)).json
  for (const count of [1, 3]) {
    const gone = crashAt(count)
    if (count === 1) await run(double.pay(session))
    else {
      const [subscription] = await run(double.books((books) => books.subscriptions.list()))
      const { cancel_at, id } = subscription ?? assert.fail("no subscription")
      await run(cancel_at === null ? double.portalCancel(id) : double.portalKeep(id))
    }
    await run(double.deliver())
    await gone
    await run(double.onRequest(() => {}))
    await start(host.port)
    await eventually(`what Stripe has, after a crash at request ${count}`, async () => {
      const [subscription] = await run(double.books((books) => books.subscriptions.list()))
      const { subscription: mine } = await me()
      return mine.state === "active" && (mine.endsAt === undefined) === (subscription?.cancel_at === null)
    })
  }
  const { json: history } = await ask("GET", "/api/subscriptions/history", token)
  assert.lengthOf(history.subscriptions, 1)
  assert.lengthOf(history.payments, 1)
}, 180_000)

test("a host that is killed while it opens a checkout opens no second checkout", async () => {
  const token = await signIn()
  const gone = crashAt(2)
  await ask("POST", "/api/subscriptions/create", token, order).catch(() => undefined)
  await gone
  await run(double.onRequest(() => {}))
  await start(host.port)
  await eventually(
    "the checkout is open",
    async () => (await ask("POST", "/api/subscriptions/create", token, order)).status === 200
  )
  const { id } = (await ask("GET", "/auth/me", token)).json.user
  const sessions = await run(double.books((books) => books.sessions.list((it) => it.client_reference_id === id)))
  assert.lengthOf(sessions, 1)
}, 120_000)
