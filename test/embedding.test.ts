/**
 * The examples of embedding, each as a program of its own.
 */
import { openDchatHost } from "@dchat/http/node"
import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer as createHttpServer, get, type RequestOptions } from "node:http"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { afterAll, beforeAll } from "vitest"
import { freePort } from "./support/freePort.ts"

const root = resolve(import.meta.dirname, "..")

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dchat-embedding-"))
  // The user that PostgreSQL runs as enters it.
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (example: string, variables: Readonly<Record<string, string>> = {}): ChildProcess =>
  spawn(process.execPath, ["--conditions=@dchat/source", join(root, "examples", example)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      DCHAT_DATA_DIR: join(folder, "data"),
      ...variables
    }
  })

/** All that a program writes until it ends by itself, without a fault. */
const outputOf = async (
  example: string,
  variables?: Readonly<Record<string, string>>
): Promise<ReadonlyArray<string>> => {
  const child = start(example, variables)
  const lines: Array<string> = []
  if (child.stdout !== null) { for await (const line of createInterface(child.stdout)) lines.push(line) }
  if (child.exitCode === null) await once(child, "exit")
  assert.strictEqual(child.exitCode, 0, lines.join("\n"))
  return lines
}

/** The status of an answer; unlike `fetch`, Node's client sends the Host header that it is given. */
const statusOf = (options: RequestOptions): Promise<number | undefined> =>
  new Promise((done, fail) => {
    get(options, (answer) => {
      answer.resume()
      done(answer.statusCode)
    }).once("error", fail)
  })

/** A program that serves, once it has written a line like this. */
const serving = async (
  example: string,
  line: RegExp,
  use: (origin: string) => Promise<void>
): Promise<void> => {
  const port = await freePort()
  const child = start(example, { PORT: String(port) })
  try {
    if (child.stdout === null) throw new Error("no output")
    for await (const written of createInterface(child.stdout)) {
      if (line.test(written)) return await use(`http://localhost:${port}`)
    }
    throw new Error(`${example} ended before it served`)
  } finally {
    child.kill("SIGTERM")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }
}

const steps = ["1 CallInitiated", "2 Invited", "3 Accepted", "4 Left", "5 CallEnded", "FREE"]

describe("An application", { timeout: 120_000 }, () => {
  it("embeds calls in plain JavaScript, in memory", async () => {
    assert.deepStrictEqual(await outputOf("embed-node/index.js"), steps)
  })

  it("embeds calls in a program on Effect, without a server", async () => {
    assert.isAtLeast((await outputOf("place-a-call.ts")).length, 4)
  })

  it("replaces a repository of dchat by its own, which outlives the process", async () => {
    const file = { USAGE_FILE: join(folder, "usage.db") }
    assert.deepStrictEqual(await outputOf("custom-adapter/index.ts", file), ["1024 bytes are held"])
    assert.deepStrictEqual(await outputOf("custom-adapter/index.ts", file), ["2048 bytes are held"])
  })

  it("mounts the whole API in Express, beside its own pages", () =>
    serving("embed-express/index.js", /^ready at /, async (origin) => {
      const answer = async (path: string, options?: RequestInit) => {
        const response = await fetch(origin + path, options)
        return { status: response.status, text: await response.text() }
      }
      assert.deepStrictEqual(await answer("/"), { status: 200, text: "The application's own page" })
      assert.deepStrictEqual(await answer("/healthz"), { status: 200, text: "{\"status\":\"ok\"}" })
      assert.strictEqual((await answer("/auth/me")).status, 401)
      assert.strictEqual((await answer("/nowhere")).status, 404)
      const posted = await answer("/auth/wallet/nonce", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ address: "0x0000000000000000000000000000000000000001", chainId: 1 })
      })
      assert.strictEqual(posted.status, 200, posted.text)
      const unauthenticated = new WebSocket(`${origin.replace("http", "ws")}/api/realtime`, "dchat.v1")
      await once(unauthenticated, "error")
      const elsewhere = new WebSocket(`${origin.replace("http", "ws")}/elsewhere`)
      await once(elsewhere, "error")
    }))

  it("opens a realtime connection in Express, for a user who signs in by a wallet", () =>
    serving("embed-express/index.js", /^ready at /, async (origin) => {
      const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
        const response = await fetch(origin + path, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body)
        })
        assert.strictEqual(response.status, 200, path)
        // oxlint-disable-next-line typescript/no-explicit-any
        return await response.json() as any
      }
      const account = privateKeyToAccount(generatePrivateKey())
      const { message, nonceId } = await post("/auth/wallet/nonce", { address: account.address, chainId: 1 })
      const signature = await account.signMessage({ message })
      const { token, user } = await post("/auth/wallet/verify", { nonceId, signature })
      const { ticket } = await post("/api/realtime/ticket", {}, { authorization: `Bearer ${token}` })

      const socket = new WebSocket(`${origin.replace("http", "ws")}/api/realtime?ticket=${ticket}`, "dchat.v1")
      await once(socket, "open")
      socket.send(JSON.stringify({ type: "hello", device: "laptop" }))
      const [frame] = await once(socket, "message")
      const { calls, type, userId } = JSON.parse(frame.data)
      assert.deepStrictEqual({ calls, type, userId }, { calls: [], type: "welcome", userId: user.id })
      socket.close()
      await once(socket, "close")
    }))

  it("gets an error that explains the cause when it reads a body before dchat does", async () => {
    const dchat = await openDchatHost({ DCHAT_DATA_DIR: join(folder, "data"), PORT: "3000" })
    const server = createHttpServer((request, response) => {
      // As a body parser does: only what has a body is read.
      const isRead = request.method === "POST" ? once(request.resume(), "end") : Promise.resolve()
      void isRead.then(() => dchat.handler(request, response))
    }).listen(0, "127.0.0.1")
    try {
      await once(server, "listening")
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const body = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }
      const mounted = await fetch(`http://127.0.0.1:${port}/auth/wallet/nonce`, body)
      const request = new Request("http://localhost:3000/auth/wallet/nonce", body)
      await request.json()
      for (const answer of [mounted, await dchat.fetch(request)]) {
        assert.strictEqual(answer.status, 500)
        const text = await answer.text()
        assert.include(text, "\"code\":\"body_already_read\"")
        assert.include(text, "mount dchat before body parsers such as express.json()")
      }
      // Requests without a body are answered as usual.
      const host = { host: "localhost:3000" }
      assert.strictEqual(await statusOf({ host: "127.0.0.1", port, path: "/healthz", headers: host }), 200)
    } finally {
      server.close()
      server.closeAllConnections()
      await dchat.close()
    }
  })

  it("answers requests of its own host through a fetch handler, and of no other host", async () => {
    const dchat = await openDchatHost({ DCHAT_DATA_DIR: join(folder, "data"), PORT: "3000" })
    try {
      const status = async (url: string) => (await dchat.fetch(new Request(url))).status
      assert.strictEqual(await status("http://localhost:3000/healthz"), 200)
      assert.strictEqual(await status("http://localhost:3000/auth/me"), 401)
      assert.strictEqual(await status("http://elsewhere.example/auth/me"), 421)
      assert.strictEqual(await status("http://localhost:3000/api/realtime"), 426)
    } finally {
      await dchat.close()
    }
  })

  it("gets the reason in one line when the host cannot start", async () => {
    const refusal = await openDchatHost({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" }).catch(String)
    assert.include(refusal, "DchatCannotStart: Database nothing on 127.0.0.1:1 is unreachable")
  })

  it("runs a whole host inside a program on Effect", () =>
    serving("embed-effect/index.ts", /^a new user has FREE/, async (origin) => {
      assert.strictEqual((await fetch(`${origin}/healthz`)).status, 200)
    }))
})
