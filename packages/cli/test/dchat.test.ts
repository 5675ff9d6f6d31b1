import { assert, describe, it } from "@effect/vitest"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"

const main = resolve(import.meta.dirname, "../src/main.ts")

const dchat = (environment: Record<string, string>, ...words: ReadonlyArray<string>) =>
  promisify(execFile)(process.execPath, ["--conditions=@dchat/source", main, ...words], {
    env: { ...process.env, DATABASE_URL: undefined, ...environment }
  }).then(
    ({ stderr, stdout }) => ({ code: 0, stdout, stderr }),
    ({ code, stderr, stdout }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr })
  )

/** What the answers of these requests hold. */
interface Answer {
  readonly id: string
  readonly message: string
  readonly nonceId: string
  readonly token: string
  readonly user: { readonly id: string }
  readonly state?: string
  readonly endReason?: string
}

/** A host on a free port of its own, with its database in this folder. */
const startHost = async (folder: string) => {
  const free = createServer().listen(0, "127.0.0.1")
  await once(free, "listening")
  const { port } = free.address() as { port: number }
  free.close()
  const host = spawn(process.execPath, ["--conditions=@dchat/source", resolve(main, "../../../http/src/main.ts")], {
    env: { ...process.env, DATABASE_URL: undefined, DCHAT_DATA_DIR: join(folder, "data"), PORT: `${port}` },
    stdio: ["ignore", "pipe", "inherit"]
  })
  await once(host.stdout, "data")
  const send = async (path: string, body?: object, token?: string) => {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { method: "POST", body: JSON.stringify(body) })
    })
    return await answer.json() as Answer
  }
  const signIn = async () => {
    const account = privateKeyToAccount(generatePrivateKey())
    const { message, nonceId } = await send("/auth/wallet/nonce", { address: account.address, chainId: 1 })
    const { token, user } = await send("/auth/wallet/verify", {
      nonceId,
      signature: await account.signMessage({ message })
    })
    return { id: user.id, token }
  }
  const stop = async () => {
    host.kill("SIGTERM")
    const [code] = await once(host, "exit")
    return code
  }
  return { send, signIn, stop }
}

describe("dchat", () => {
  it("lists its commands", async () => {
    const { code, stdout } = await dchat({}, "--help")
    assert.strictEqual(code, 0)
    assert.include(stdout, "migrate")
    assert.include(stdout, "calls")
  })

  it("brings an embedded database up to date once, and finds no call in it", { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "dchat-cli-"))
    try {
      await chmod(folder, 0o755)
      const environment = { DCHAT_DATA_DIR: join(folder, "data") }
      assert.include((await dchat(environment, "migrate")).stdout, "calls")
      assert.include((await dchat(environment, "migrate")).stdout, "up to date")
      const missing = await dchat(environment, "calls", "show", "01984ab2-0000-7000-8000-0000000000ff")
      assert.strictEqual(missing.code, 1)
      assert.include(missing.stderr, "There is no call")
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it("lists and ends the calls of a running host", { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "dchat-cli-"))
    await chmod(folder, 0o755)
    const host = await startHost(folder)
    try {
      const environment = { DCHAT_DATA_DIR: join(folder, "data") }
      const [ann, bob] = [await host.signIn(), await host.signIn()]
      const payload = { type: "audio", participants: [bob.id] }
      const { id } = await host.send("/api/webrtc/call/initiate", payload, ann.token)
      assert.include((await dchat(environment, "calls", "list")).stdout, `${id}  initiated  direct audio  2 people`)
      assert.include((await dchat(environment, "calls", "show", id)).stdout, bob.id)

      assert.include((await dchat(environment, "calls", "end", id)).stdout, "ended_by_admin")
      assert.include((await dchat(environment, "calls", "list")).stdout, "No call is open")
      assert.deepInclude(await host.send(`/api/webrtc/call/${id}?after=0`, undefined, ann.token), {
        state: "disconnected",
        endReason: "ended_by_admin"
      })
      assert.strictEqual((await dchat(environment, "calls", "end", id)).code, 0)
    } finally {
      assert.strictEqual(await host.stop(), 0)
      await rm(folder, { recursive: true })
    }
  })

  it("says in one line that a database does not answer, without its password", async () => {
    const failed = await dchat({ DATABASE_URL: "postgres://ann:hunter2@127.0.0.1:1/dchat" }, "calls", "list")
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stderr, /^dchat: Database dchat on 127\.0\.0\.1:1 is unreachable[^\n]*\n$/)
    assert.notInclude(failed.stderr, "hunter2")
  })
})
