import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

const main = resolve(import.meta.dirname, "../src/main.ts")

/** Starts a host that cannot start, and says how it ended. */
const start = async (environment: Record<string, string>) => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-start-"))
  try {
    await chmod(folder, 0o755)
    return await promisify(execFile)(process.execPath, ["--conditions=@dchat/source", main], {
      timeout: 30_000,
      env: { PATH: process.env["PATH"], DCHAT_DATA_DIR: join(folder, "data"), ...environment }
    }).then(
      () => ({ code: 0, stderr: "" }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr })
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

const assertOneLine = ({ code, stderr }: { code: number; stderr: string }, words: RegExp) => {
  assert.strictEqual(code, 1, stderr)
  assert.match(stderr, words)
  assert.lengthOf(stderr.trim().split("\n"), 1, stderr)
}

describe("A host that cannot start says why in one line and exits with 1", { timeout: 60_000 }, () => {
  it("when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const address = other.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    assertOneLine(await start({ PORT: `${port}` }), new RegExp(`port ${port} is in use`))
    other.close()
  })

  it("when the database does not answer, without telling the password", async () => {
    const failed = await start({ DATABASE_URL: "postgres://ann:hunter2@127.0.0.1:1/dchat" })
    assertOneLine(failed, /127\.0\.0\.1/)
    assert.notInclude(failed.stderr, "hunter2")
  })

  it("when a variable makes no sense", async () => {
    assertOneLine(await start({ PORT: "many" }), /PORT/)
    assertOneLine(await start({ DCHAT_PUBLIC_URL: "ftp://example.org" }), /DCHAT_PUBLIC_URL/)
    assertOneLine(await start({ EVM_CHAINS: "[{\"chainId\":1,\"rpcUrls\":[\"http://a.example/key\"]}]" }), /EVM_CHAINS/)
    assertOneLine(await start({ DCHAT_TRUSTED_PROXIES: "10.0.0.0/33" }), /DCHAT_TRUSTED_PROXIES/)
  })

  it("when a production host lacks what keeps strangers out", async () => {
    const production = { DCHAT_ENV: "production", DCHAT_PUBLIC_URL: "https://chat.example" }
    const secret = "Zm9yIHRlc3RzIG9ubHksIG5ldmVyIHVzZWQgYW55d2hlcmU"
    assertOneLine(await start(production), /DCHAT_SECRETS/)
    const weak = await start({ ...production, DCHAT_SECRETS: "hunter2" })
    assertOneLine(weak, /DCHAT_SECRETS/)
    assert.notInclude(weak.stderr, "hunter2")
    assertOneLine(await start({ ...production, DCHAT_SECRETS: secret, DCHAT_RATE_LIMITS: "off" }), /DCHAT_RATE_LIMITS/)
    const plain = {
      LINKEDIN_CLIENT_ID: "a",
      LINKEDIN_CLIENT_SECRET: "b",
      LINKEDIN_TOKEN_URL: "http://127.0.0.1:1/token"
    }
    assertOneLine(await start({ ...production, ...plain, DCHAT_SECRETS: secret }), /LinkedIn's token/)
  })
})
