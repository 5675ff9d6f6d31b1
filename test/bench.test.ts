/**
 * The benchmarks run, and nothing is lost in them. Only counts are checked: no test depends on a time.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll } from "vitest"

const root = resolve(import.meta.dirname, "..")
const names = ["W1", "W4", "S"]

interface Row {
  readonly load: string
  readonly subject: string
  readonly figures: Readonly<Record<string, number>>
}

/** Counts of what must not happen. */
const faults = ["unfinished", "faults", "lost", "repeated", "out of order", "calls forgotten", "without a change"]

/** Benchmarks pin processes to cores. */
describe.skipIf(process.platform !== "linux")("The benchmarks", { timeout: 600_000 }, () => {
  let folder = ""
  const rows = new Map<string, ReadonlyArray<Row>>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-bench-smoke-"))
    const args = ["--conditions=@dchat/source", "bench/main.ts", ...names, "--smoke", "--out", folder]
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] })
    let errors = ""
    child.stderr.on("data", (chunk: Buffer) => errors += chunk)
    const [code] = await once(child, "exit")
    assert.strictEqual(code, 0, errors)
    for (const name of names) {
      const { medians } = JSON.parse(await readFile(join(folder, `${name}.json`), "utf8")) as {
        readonly medians: ReadonlyArray<Row>
      }
      rows.set(name, medians.filter(({ subject }) => subject === "dchat"))
    }
  }, 600_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("measure dchat", () => {
    for (const name of names) assert.isNotEmpty(rows.get(name), name)
  })

  it("count nothing lost, repeated or out of order", () => {
    for (const { figures, load } of [...rows.values()].flat()) {
      for (const fault of faults) assert.include([undefined, 0], figures[fault], `${load}: ${fault}`)
    }
  })

  it("finish all calls that a busy machine does not refuse", () => {
    for (const { figures, load } of rows.get("W1") ?? []) {
      assert.strictEqual((figures["finished %"] ?? 0) + (figures["refused %"] ?? 0), 100, load)
    }
  })

  it("bring back all clients, and their messages", () => {
    const [row] = rows.get("W4") ?? []
    assert.strictEqual(row?.figures["connections ended"], 4)
    assert.strictEqual(row?.figures["messages"], 5)
  })
})
