/**
 * The examples of embedding, each as a program of its own.
 */
import { openDchatHost } from "@dchat/http/node"
import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, beforeAll } from "vitest"

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
    env: { PATH: process.env["PATH"], DCHAT_DATA_DIR: join(folder, "data"), ...variables }
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

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return typeof address === "object" && address !== null ? address.port : 0
}

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
      const socket = new WebSocket(`${origin.replace("http", "ws")}/api/realtime`, "dchat.v1")
      await once(socket, "error")
      const elsewhere = new WebSocket(`${origin.replace("http", "ws")}/elsewhere`)
      await once(elsewhere, "error")
    }))

  it("answers requests of a fetch handler, and of no other host", async () => {
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

  it("is told in one line why the host cannot start", async () => {
    const refusal = await openDchatHost({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" }).catch(String)
    assert.include(refusal, "DchatCannotStart: Database nothing on 127.0.0.1:1 is unreachable")
  })

  it("runs a whole host inside a program on Effect", () =>
    serving("embed-effect/index.ts", /^a new user has FREE/, async (origin) => {
      assert.strictEqual((await fetch(`${origin}/healthz`)).status, 200)
    }))
})
