/**
 * A browser as the host sees it: it keeps cookies, says which page asks, and follows the way to LinkedIn and back.
 */
import type { LinkedInDouble } from "@dchat/doubles/linkedin"
import { Visitor } from "@dchat/doubles/linkedin"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { type Answer, type Ask, TestHost } from "./TestHost.ts"

export const assertProblem = (answer: Answer, status: number, code: string) => {
  assert.deepStrictEqual([answer.status, answer.json?.code], [status, code], answer.text)
  assert.strictEqual(answer.headers["content-type"], "application/problem+json")
}

type Mode = "login" | "link" | "reauth"

export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #host: TestHost["Service"]

  constructor(host: TestHost["Service"]) {
    this.#host = host
  }

  readonly send = (method: string, path: string, ask: Ask = {}) =>
    Effect.map(
      this.#host.send(method, path, {
        ...ask,
        headers: {
          ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader }),
          ...(method === "GET" ? {} : { origin: this.#host.url }),
          ...ask.headers
        }
      }),
      (answer) => {
        for (const line of [answer.headers["set-cookie"] ?? []].flat()) this.#keep(line)
        return answer
      }
    )

  readonly get = (path: string) => this.send("GET", path)
  readonly post = (path: string, body?: unknown) => this.send("POST", path, body === undefined ? {} : { body })

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
  }

  get session(): string | undefined {
    return this.cookies.get("dchat_dev_session")
  }

  /** Where LinkedIn is to be visited. */
  readonly begin = (mode: Mode = "login", ask: Ask = {}, returnTo = "/") =>
    Effect.map(
      this.send("GET", `/auth/linkedin/auth-url?mode=${mode}&returnTo=${encodeURIComponent(returnTo)}`, ask),
      (answer) => {
        assert.strictEqual(answer.status, 200, answer.text)
        return new URL(answer.json.url)
      }
    )

  /** The path and query to which LinkedIn sends the browser back. */
  readonly visit = (url: URL, as: string, deny?: "login" | "authorize") =>
    Effect.map(
      Visitor.signIn(url, { as, ...(deny === undefined ? {} : { deny }) }),
      ({ pathname, search }) => pathname + search
    ).pipe(Effect.orDie)

  /** The whole way; the answer is the redirect with which it ends. */
  readonly linkedIn = (as: string, mode: Mode = "login", ask: Ask = {}, returnTo = "/") =>
    Effect.gen({ self: this }, function*() {
      return yield* this.get(yield* this.visit(yield* this.begin(mode, ask, returnTo), as))
    })

  /** Signs in by a wallet, with a cookie. */
  readonly signInByWallet = (key = generatePrivateKey()) =>
    Effect.gen({ self: this }, function*() {
      const proof = yield* this.proof("login", key)
      const answer = yield* this.post("/auth/wallet/verify", { ...proof, transport: "cookie" })
      assert.strictEqual(answer.status, 200, answer.text)
      return answer.json.user as { readonly id: string; readonly wallets: ReadonlyArray<{ readonly id: string }> }
    })

  /** A signed message of this wallet. */
  readonly proof = (purpose: Mode, key = generatePrivateKey()) =>
    Effect.gen({ self: this }, function*() {
      const account = privateKeyToAccount(key)
      const nonce = yield* this.post("/auth/wallet/nonce", { address: account.address, chainId: 1, purpose })
      assert.strictEqual(nonce.status, 200, nonce.text)
      const signature = yield* Effect.promise(() => account.signMessage({ message: nonce.json.message }))
      return { nonceId: nonce.json.nonceId as string, signature }
    })

  #keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === "" || /max-age=0/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

export const newBrowser = Effect.map(TestHost, (host) => new Browser(host))

/** Where an answer sends the browser, as path and query. */
export const locationOf = ({ headers, status, text }: Answer): string => {
  assert.strictEqual(status, 303, text)
  const { pathname, search } = new URL(String(headers["location"]))
  return pathname + search
}

/** Options for a host that takes this stand-in for LinkedIn. */
export type Double = LinkedInDouble.LinkedInDouble
