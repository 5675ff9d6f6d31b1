/**
 * The linter refuses regular expressions that take more than linear time, because one request with such an input stops
 * the whole host (CWE-1333).
 */
import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** Lines of a file, and the rule that refuses each of them; none for a line that is let through. */
const planted: ReadonlyArray<readonly [line: string, rule?: string]> = [
  ["/^\\/assets\\/[^?]*-[\\w-]{8,}\\.\\w+$/", "no-super-linear-backtracking"],
  ["/^(?:a+)+$/", "no-super-linear-backtracking"],
  ["new RegExp(\"^(?:\\\\w+ ?)*$\")", "no-super-linear-backtracking"],
  ["/\\s+$/", "no-super-linear-move"],
  ["/^(?:a|a)*$/", "no-dupe-disjunctions"],
  ["/^[\\w-]+\\.\\w+$/"],
  ["/^\\w+(?:, \\w+)*$/"]
]

const lint = async (source: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-patterns-"))
  try {
    await cp(join(root, "oxlint.config.ts"), join(folder, "oxlint.config.ts"))
    await cp(join(root, "scripts"), join(folder, "scripts"), { recursive: true })
    await symlink(join(root, "node_modules"), join(folder, "node_modules"))
    await writeFile(join(folder, "planted.ts"), source)
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint")
    return await new Promise((done) =>
      execFile(process.execPath, [oxlint, "--format", "unix", "planted.ts"], { cwd: folder }, (_, out) => done(out))
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

it("refuses patterns of quadratic or higher cost, and allows linear ones", { timeout: 30_000 }, async () => {
  const found = await lint(planted.map(([pattern], n) => `export const p${n} = ${pattern}\n`).join(""))
  const refusals = planted.map((_, n) =>
    found.split("\n").filter((line) => line.startsWith(`planted.ts:${n + 1}:`)).join("\n")
  )
  for (const [n, [pattern, rule]] of planted.entries()) {
    if (rule === undefined) assert.strictEqual(refusals[n], "", pattern)
    else assert.include(refusals[n], `regexp(${rule})`, `${pattern}: ${found}`)
  }
})
