/**
 * The host as it runs, in this process on a random loopback port: with everything in memory, or on other ports.
 */
import { noChains, type OnchainOptions } from "@dchat/adapters/node"
import { MasterSecrets } from "@dchat/domain/identity"
import type { Billing } from "@dchat/domain/subscription"
import { assert } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { NetAddress } from "effect/net"
import { request } from "node:http"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { HostSettings, type HostSettingsShape } from "../../src/config/HostSettings.ts"
import { defaultIdentityConfig, type IdentityConfig } from "../../src/config/IdentityConfig.ts"
import { NoBilling } from "../../src/host/BillingLayers.ts"
import { HostServer, type HostServerOptions } from "../../src/host/HostServer.ts"
import { HttpApp } from "../../src/host/HttpApp.ts"
import { MemoryPorts, Services } from "../../src/host/Layers.ts"

export interface Ask {
  readonly token?: string | undefined
  readonly device?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
  /** The body, where it is JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

/** A signed-in user. */
export interface SomeBody {
  readonly id: string
  readonly address: string
  readonly token: string
  readonly get: (path: string, ask?: Ask) => Effect.Effect<Answer>
  readonly post: (path: string, body?: unknown, ask?: Ask) => Effect.Effect<Answer>
}

export class TestHost extends Context.Service<TestHost, {
  readonly port: number
  /** The public URL, `http://localhost:` and the port. */
  readonly url: string
  /** Any request; `headers` may hold what fetch would refuse. */
  send(method: string, path: string, ask?: Ask): Effect.Effect<Answer>
  /** A new user with a new wallet, or the user with this private key, signed in by a bearer token. */
  signIn(privateKey?: `0x${string}`): Effect.Effect<SomeBody>
}>()("test/TestHost") {}

const ask = (port: number, method: string, path: string, { body, device, headers, raw, token }: Ask) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = body === undefined ? raw : JSON.stringify(body)
    const asking = request({
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: {
        host: `localhost:${port}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(device === undefined ? {} : { "dchat-device": device }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(sent === undefined ? {} : { "content-length": String(Buffer.byteLength(sent)) }),
        ...headers
      }
    }, (answer) => {
      let text = ""
      answer.setEncoding("utf8").on("data", (chunk) => text += chunk).on("end", () => {
        const isJson = /[/+]json/.test(answer.headers["content-type"] ?? "")
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          json: isJson && text !== "" ? JSON.parse(text) : undefined
        })
      }).on("error", reject)
    })
    asking.on("error", reject)
    asking.end(sent)
  })

const makeTestHost = Effect.gen(function*() {
  const { address } = yield* HttpServer.HttpServer
  if (!NetAddress.isInetAddress(address)) return yield* Effect.die("not on a port")
  const { port } = address
  const url = `http://localhost:${port}`

  const send: TestHost["Service"]["send"] = (method, path, given = {}) =>
    Effect.promise(() => ask(port, method, path, given))

  const signIn = Effect.fnUntraced(function*(privateKey: `0x${string}` = generatePrivateKey()) {
    const account = privateKeyToAccount(privateKey)
    const nonce = yield* send("POST", "/auth/wallet/nonce", { body: { address: account.address, chainId: 1 } })
    assert.strictEqual(nonce.status, 200, nonce.text)
    const { message, nonceId } = nonce.json
    const signature = yield* Effect.promise(() => account.signMessage({ message }))
    const verified = yield* send("POST", "/auth/wallet/verify", { body: { nonceId, signature } })
    assert.strictEqual(verified.status, 200, verified.text)
    const { token, user } = verified.json
    const some: SomeBody = {
      id: user.id,
      address: account.address,
      token,
      get: (path, given) => send("GET", path, { token, ...given }),
      post: (path, body, given) => send("POST", path, { token, body, ...given })
    }
    return some
  })

  return TestHost.of({ port, url, send, signIn })
})

const settingsFor = (settings: Partial<HostSettingsShape>) =>
  Layer.effect(
    HostSettings,
    Effect.map(HttpServer.HttpServer, ({ address }) => {
      const port = NetAddress.isInetAddress(address) ? address.port : 0
      return {
        environment: "development" as const,
        publicUrl: new URL(`http://localhost:${port}`),
        port,
        allowedOrigins: [],
        trustedProxies: [],
        rateLimits: "off" as const,
        stunUrls: [],
        ...settings
      }
    })
  )

export interface TestSettings extends Partial<HostSettingsShape> {
  readonly server?: Partial<HostServerOptions>
  readonly identity?: Partial<IdentityConfig>
  readonly secrets?: readonly [string, ...ReadonlyArray<string>]
  /** The chains on which users can pay. */
  readonly onchain?: OnchainOptions
}

const testSecret = "a secret of the tests, which is long enough"

/** A running host on these ports, which are shared with the test. */
export const testHost = <Ports, E, R>(ports: Layer.Layer<Ports, E, R>, settings: TestSettings = {}) =>
  payingHost(ports, NoBilling, settings)

/** Like `testHost`, with payments. */
export const payingHost = <Ports, E, R, A, E2, R2>(
  ports: Layer.Layer<Ports, E, R>,
  billing: Layer.Layer<A | Billing, E2, R2>,
  { identity, onchain = noChains, secrets = [testSecret], server, ...settings }: TestSettings = {}
) => {
  const [newest, ...others] = secrets
  return Layer.effect(TestHost, makeTestHost).pipe(
    Layer.provideMerge(HttpApp),
    Layer.provideMerge(Services({ ...defaultIdentityConfig, ...identity }, billing, onchain)),
    Layer.provideMerge(settingsFor(settings)),
    Layer.provideMerge(HostServer({ host: "127.0.0.1", port: 0, rateLimits: "off", ...server })),
    Layer.provideMerge(
      Layer.succeed(MasterSecrets, { secrets: [Redacted.make(newest), ...others.map((one) => Redacted.make(one))] })
    ),
    Layer.provideMerge(ports)
  )
}

/** A running host with everything in memory. */
export const memoryHost = (settings: TestSettings = {}) => testHost(MemoryPorts, settings)
