import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

const main = resolve(import.meta.dirname, "../src/main.ts")

const dchat = (environment: Record<string, string>, ...words: ReadonlyArray<string>) =>
  promisify(execFile)(process.execPath, ["--conditions=@dchat/source", main, ...words], {
    env: { ...process.env, DATABASE_URL: undefined, ...environment }
  }).then(
    ({ stderr, stdout }) => ({ code: 0, stdout, stderr }),
    ({ code, stderr, stdout }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr })
  )

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
})
