import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"

describe("A host that was asked to stop", () => {
  it(
    "ends even if a part of it waits for an answer that never comes, and reports the part",
    { timeout: 60_000 },
    async () => {
      const script = join(import.meta.dirname, "../support/stuck-host.ts")
      const child = spawn(process.execPath, ["--conditions=@dchat/source", script], {
        stdio: ["ignore", "pipe", "pipe"]
      })
      const stderr: Array<string> = []
      child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text))
      await once(child.stdout, "data")
      child.kill("SIGTERM")
      const [code] = await once(child, "close")
      assert.strictEqual(code, 0)
      assert.match(stderr.join(""), /^dchat did not stop in time[^\n]*\n$/)
    }
  )
})
