/**
 * The linter holds the arrows between packages and features: each violation planted here must be refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"

const root = resolve(import.meta.dirname, "..")
const run = promisify(execFile)

/** Where a file stands, and the import that it may not have there. */
const violations = [
  ["packages/domain/src/call/Planted.ts", "effect/sql"],
  ["packages/domain/src/call/Planted.ts", "node:fs"],
  ["packages/domain/src/call/Planted.ts", "@effect/platform-node"],
  ["packages/domain/src/call/Planted.ts", "@dchat/adapters/memory"],
  ["packages/domain/src/call/Planted.ts", "../identity/Sessions.ts"],
  ["packages/domain/src/identity/Planted.ts", "../call/Calls.ts"],
  ["packages/domain/src/identity/Planted.ts", "viem"],
  ["packages/domain/src/call/PlantedMachine.ts", "effect:Effect"],
  ["packages/domain/src/call/PlantedMachine.ts", "effect/crypto"],
  ["packages/adapters/src/memory/Planted.ts", "@dchat/http/api"],
  ["packages/adapters/src/memory/Planted.ts", "viem/siwe"],
  ["packages/adapters/src/memory/Planted.ts", "oauth4webapi"],
  ["packages/adapters/src/memory/Planted.ts", "jose"],
  ["packages/adapters/src/memory/Planted.ts", "@dchat/doubles/linkedin"],
  ["packages/adapters/src/jose/Planted.ts", "viem"],
  ["packages/adapters/src/viem/Planted.ts", "@effect/sql-pg"],
  ["packages/http/src/api/Planted.ts", "@dchat/adapters/postgres"],
  ["packages/http/src/api/Planted.ts", "../handlers/Planted.ts"],
  ["packages/http/src/api/Planted.ts", "node:http"],
  ["packages/http/src/client/Planted.ts", "../realtime/Planted.ts"],
  ["packages/http/src/handlers/Planted.ts", "@dchat/adapters/memory"],
  ["packages/http/src/realtime/Planted.ts", "@dchat/adapters/postgres"],
  ["packages/cli/src/commands/Planted.ts", "@dchat/adapters/postgres"],
  ["examples/web/src/Planted.ts", "@dchat/domain/call"]
] as const

/** What the rules let through, so that a rule which refuses everything is found out. */
const allowed = [
  ["packages/domain/src/call/Planted.ts", "../identity/UserId.ts"],
  ["packages/domain/src/call/PlantedMachine.ts", "effect:Result"],
  ["packages/adapters/src/viem/Planted.ts", "viem/siwe"],
  ["packages/adapters/src/linkedin/Planted.ts", "oauth4webapi"],
  ["packages/adapters/src/jose/Planted.ts", "jose"],
  ["packages/adapters/src/postgres/Planted.ts", "effect/sql"],
  ["packages/http/src/Layers.ts", "@dchat/adapters/postgres"],
  ["packages/http/src/handlers/Planted.ts", "@dchat/domain/call"]
] as const

/** The rules of the project, without those of plugins: they are slow to load, and the arrows need none. */
const configuration = async (): Promise<string> => {
  const { jsPlugins: _, rules, ...others } = JSON.parse(await readFile(join(root, ".oxlintrc.json"), "utf8"))
  const builtIn = Object.entries(rules).filter(([name]) => !name.startsWith("regexp/"))
  return JSON.stringify({ ...others, rules: Object.fromEntries(builtIn) })
}

const lint = async (path: string, specifier: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-arrows-"))
  try {
    const [module, name = "planted"] = specifier.startsWith("effect:") ? specifier.split(":") : [specifier]
    await writeFile(join(folder, ".oxlintrc.json"), await configuration())
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), `import { ${name} } from "${module}"\n\nexport const used = ${name}\n`)
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint")
    return await run(process.execPath, [oxlint, "--format", "unix", path], { cwd: folder }).then(
      ({ stdout }) => stdout,
      (failure: { readonly stdout: string }) => failure.stdout
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe("The arrows of the architecture", () => {
  it.each(violations)("%s may not import %s", async (path, specifier) => {
    assert.include(await lint(path, specifier), "no-restricted-imports")
  })

  it.each(allowed)("%s may import %s", async (path, specifier) => {
    assert.notInclude(await lint(path, specifier), "no-restricted-imports")
  })
})
