import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Exit } from "effect"
import { execFile } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { format, promisify } from "node:util"
import { programWith } from "../src/host/Host.ts"

const main = resolve(import.meta.dirname, "../src/main.ts")

interface Ended {
  readonly code: number
  readonly stderr: string
}

const withFolder = async (use: (variables: Record<string, string>) => Promise<Ended>) => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-start-"))
  try {
    await chmod(folder, 0o755)
    return await use({ DCHAT_DATA_DIR: join(folder, "data") })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Starts a host that cannot start, in a process of its own. */
const startProcess = (variables: Record<string, string>) =>
  withFolder((data) =>
    promisify(execFile)(process.execPath, ["--conditions=@dchat/source", main], {
      timeout: 30_000,
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...data, ...variables }
    }).then(
      () => ({ code: 0, stderr: "" }),
      ({ code, stderr }: Ended) => ({ code, stderr })
    )
  )

/** The same in this process: most of the time of a process is spent on loading. */
const start = (variables: Record<string, string>) =>
  withFolder(async (data) => {
    let stderr = ""
    const console: Console.Console = Object.assign(Object.create(globalThis.console), {
      error: (...parts: ReadonlyArray<unknown>) => stderr += `${format(...parts)}\n`
    })
    const exit = await Effect.runPromiseExit(
      Effect.provideService(programWith({ ...data, ...variables }), Console.Console, console)
    )
    return { code: Exit.isSuccess(exit) ? 0 : 1, stderr }
  })

const assertOneLine = ({ code, stderr }: Ended, words: RegExp) => {
  assert.strictEqual(code, 1, stderr)
  assert.match(stderr, words)
  assert.lengthOf(stderr.trim().split("\n"), 1, stderr)
}

describe("A host that cannot start", { timeout: 60_000 }, () => {
  it("says in one line that the port is in use, and exits with 1", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const address = other.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    assertOneLine(await startProcess({ PORT: `${port}` }), new RegExp(`port ${port} is in use`))
    other.close()
  })

  it("says in one line that the database does not answer, without the password, and exits with 1", async () => {
    const failed = await start({ DATABASE_URL: "postgres://ann:hunter2@127.0.0.1:1/dchat" })
    assertOneLine(failed, /127\.0\.0\.1/)
    assert.notInclude(failed.stderr, "hunter2")
  })

  it("says in one line which variable is invalid, and exits with 1", async () => {
    assertOneLine(await startProcess({ PORT: "many" }), /PORT/)
    assertOneLine(await start({ DCHAT_PUBLIC_URL: "ftp://example.org" }), /DCHAT_PUBLIC_URL/)
    assertOneLine(await start({ EVM_CHAINS: "[{\"chainId\":1,\"rpcUrls\":[\"http://a.example/key\"]}]" }), /EVM_CHAINS/)
    const chain = { chainId: 31337, rpcUrls: ["https://a.example/hunter2"], recipient: "0x12", maxRange: 0 }
    const mistakes = await start({ EVM_CHAINS: JSON.stringify([chain]) })
    assertOneLine(mistakes, /EVM_CHAINS is not valid: \[0\]\.recipient: .*; \[0\]\.maxRange: /)
    assert.notInclude(mistakes.stderr, "hunter2")
    assertOneLine(await start({ DCHAT_TRUSTED_PROXIES: "10.0.0.0/33" }), /DCHAT_TRUSTED_PROXIES/)
  })

  it("says in one line which protection a production host lacks, and exits with 1", async () => {
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
