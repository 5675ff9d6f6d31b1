/**
 * The linter holds the arrows between packages and features: each violation planted here must be refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { walls } from "../scripts/walls.ts"

const root = resolve(import.meta.dirname, "..")
const run = promisify(execFile)

/** Where a file stands, and the import that it may not have there. */
const violations = [
  // A storey does not import what stands above it.
  ["packages/domain/src/call/model/Planted.ts", "../rules/CallMachine.ts"],
  ["packages/domain/src/call/model/Planted.ts", "../ports/CallRepository.ts"],
  ["packages/domain/src/call/model/Planted.ts", "../Calls.ts"],
  ["packages/domain/src/call/rules/Planted.ts", "../ports/CallRepository.ts"],
  ["packages/domain/src/subscription/rules/Planted.ts", "../index.ts"],
  ["packages/domain/src/billing/ports/Planted.ts", "../BillingDelivery.ts"],
  // The model and the rules are pure.
  ["packages/domain/src/call/rules/Planted.ts", "effect:Effect"],
  ["packages/domain/src/identity/rules/Planted.ts", "effect/crypto"],
  ["packages/domain/src/subscription/model/Planted.ts", "effect:Context"],
  ["packages/domain/src/subscription/rules/Planted.ts", "effect:Clock"],
  ["packages/domain/src/subscription/rules/Planted.ts", "../../decision/Races.ts"],
  ["packages/domain/src/call/model/Planted.ts", "../../decision/Races.ts"],
  // Features of the domain know each other by ids only, but for the exports of idempotency and of subscriptions.
  ["packages/domain/src/identity/Planted.ts", "../call/Calls.ts"],
  ["packages/domain/src/identity/Planted.ts", "../billing/index.ts"],
  ["packages/domain/src/identity/rules/Planted.ts", "../../subscription/index.ts"],
  ["packages/domain/src/call/Planted.ts", "../identity/Sessions.ts"],
  ["packages/domain/src/call/Planted.ts", "../billing/index.ts"],
  ["packages/domain/src/call/rules/Planted.ts", "../../identity/model/User.ts"],
  ["packages/domain/src/call/ports/Planted.ts", "../../subscription/index.ts"],
  ["packages/domain/src/subscription/Planted.ts", "../call/index.ts"],
  ["packages/domain/src/subscription/Planted.ts", "../identity/Identities.ts"],
  ["packages/domain/src/subscription/Planted.ts", "../billing/index.ts"],
  ["packages/domain/src/billing/Planted.ts", "../call/index.ts"],
  ["packages/domain/src/billing/Planted.ts", "../identity/index.ts"],
  ["packages/domain/src/billing/Planted.ts", "../subscription/BillingAccountSteps.ts"],
  ["packages/domain/src/identity/Planted.ts", "../idempotency/index.ts"],
  ["packages/domain/src/call/Planted.ts", "../idempotency/Idempotency.ts"],
  ["packages/domain/src/subscription/Planted.ts", "../loop/Loops.ts"],
  ["packages/domain/src/idempotency/Planted.ts", "../call/index.ts"],
  ["packages/domain/src/idempotency/Planted.ts", "../subscription/index.ts"],
  ["packages/domain/src/idempotency/model/Planted.ts", "../ports/IdempotencyKeys.ts"],
  ["packages/domain/src/idempotency/model/Planted.ts", "effect:Effect"],
  // The domain knows no technology.
  ["packages/domain/src/call/Planted.ts", "effect/sql"],
  ["packages/domain/src/call/ports/Planted.ts", "node:fs"],
  ["packages/domain/src/call/Planted.ts", "@effect/platform-node"],
  ["packages/domain/src/call/Planted.ts", "@dchat/adapters/memory"],
  ["packages/domain/src/identity/Planted.ts", "viem"],
  // Contracts know no implementation, and are for tests alone.
  ["packages/domain/src/contracts/Planted.ts", "@dchat/adapters/memory"],
  ["packages/domain/src/contracts/Planted.ts", "effect/sql"],
  ["packages/domain/src/call/Planted.ts", "../contracts/index.ts"],
  // Each library has one folder.
  ["packages/adapters/src/memory/call/Planted.ts", "@dchat/http/api"],
  ["packages/adapters/src/memory/Planted.ts", "viem/siwe"],
  ["packages/adapters/src/memory/Planted.ts", "oauth4webapi"],
  ["packages/adapters/src/memory/Planted.ts", "jose"],
  ["packages/adapters/src/memory/Planted.ts", "@dchat/doubles/linkedin"],
  ["packages/adapters/src/jose/Planted.ts", "viem"],
  ["packages/adapters/src/viem/Planted.ts", "@effect/sql-pg"],
  ["packages/adapters/src/postgres/call/Planted.ts", "stripe"],
  ["packages/adapters/src/bridges/Planted.ts", "effect/sql"],
  ["packages/adapters/src/bridges/Planted.ts", "node:fs"],
  ["packages/doubles/src/stripe/Planted.ts", "@dchat/domain/billing"],
  ["packages/doubles/src/chain/Planted.ts", "@dchat/adapters/viem"],
  // The contract is shared, the parts of a host do not import the host, and composition roots alone name adapters.
  ["packages/http/src/api/Planted.ts", "@dchat/adapters/postgres"],
  ["packages/http/src/api/Planted.ts", "../handlers/Planted.ts"],
  ["packages/http/src/api/Planted.ts", "../config/Config.ts"],
  ["packages/http/src/api/Planted.ts", "node:http"],
  ["packages/http/src/api/Planted.ts", "./docs/ApiDocument.ts"],
  ["packages/http/src/api/docs/Planted.ts", "../../host/Host.ts"],
  ["packages/http/src/api/docs/schemas/Planted.ts", "../../../config/Config.ts"],
  ["packages/http/src/api/docs/schemas/Planted.ts", "node:fs"],
  ["packages/http/src/client/Planted.ts", "../realtime/Planted.ts"],
  ["packages/http/src/limits/Planted.ts", "../handlers/Planted.ts"],
  ["packages/http/src/middleware/Planted.ts", "@dchat/adapters/memory"],
  ["packages/http/src/middleware/Planted.ts", "../host/Host.ts"],
  ["packages/http/src/pages/Planted.ts", "../host/Host.ts"],
  ["packages/http/src/handlers/Planted.ts", "@dchat/adapters/memory"],
  ["packages/http/src/handlers/Planted.ts", "../host/Layers.ts"],
  ["packages/http/src/realtime/Planted.ts", "@dchat/adapters/postgres"],
  ["packages/http/src/realtime/Planted.ts", "../host/HostServer.ts"],
  ["packages/cli/src/commands/Planted.ts", "@dchat/adapters/postgres"],
  ["packages/cli/src/commands/users/Planted.ts", "@dchat/http/handlers"],
  ["examples/web/src/Planted.ts", "@dchat/domain/call"],
  // A program loads the modules of a platform that it uses, and no others.
  ["packages/adapters/src/node/Planted.ts", "@effect/platform-node"],
  ["packages/http/src/host/Planted.ts", "@effect/platform-node"],
  ["examples/embed-effect/Planted.ts", "@effect/platform-node"]
] as const

/** Imports that the rules let through, so that a rule which refuses everything is found out. */
const allowed = [
  ["packages/domain/src/call/Planted.ts", "../identity/model/UserId.ts"],
  ["packages/domain/src/call/rules/Planted.ts", "../../identity/model/UserId.ts"],
  ["packages/domain/src/call/rules/Planted.ts", "../model/Call.ts"],
  ["packages/domain/src/call/rules/Planted.ts", "effect:Result"],
  ["packages/domain/src/call/rules/Planted.ts", "../../decision/Rule.ts"],
  ["packages/domain/src/call/Planted.ts", "../decision/Races.ts"],
  ["packages/domain/src/call/Planted.ts", "../loop/index.ts"],
  ["packages/domain/src/call/ports/Planted.ts", "effect:Effect"],
  ["packages/domain/src/call/ports/Planted.ts", "../rules/CallRecord.ts"],
  ["packages/domain/src/billing/Planted.ts", "../subscription/index.ts"],
  ["packages/domain/src/call/Planted.ts", "../idempotency/index.ts"],
  ["packages/domain/src/subscription/ports/Planted.ts", "../../idempotency/index.ts"],
  ["packages/domain/src/idempotency/model/Planted.ts", "../../identity/model/UserId.ts"],
  ["packages/domain/src/contracts/Planted.ts", "@effect/vitest"],
  ["packages/adapters/src/viem/Planted.ts", "viem/siwe"],
  ["packages/adapters/src/linkedin/Planted.ts", "oauth4webapi"],
  ["packages/adapters/src/jose/Planted.ts", "jose"],
  ["packages/adapters/src/postgres/call/Planted.ts", "effect/sql"],
  ["packages/http/src/host/Layers.ts", "@dchat/adapters/postgres"],
  ["packages/http/src/host/Planted.ts", "@effect/platform-node/NodeRuntime"],
  ["packages/http/src/api/docs/Planted.ts", "../Api.ts"],
  ["packages/http/src/api/docs/transform/Planted.ts", "../../Api.ts"],
  ["packages/http/src/handlers/Planted.ts", "@dchat/domain/call"],
  ["packages/http/src/handlers/Planted.ts", "../limits/RateLimits.ts"]
] as const

/** Two files of one place are told apart by their number. */
const plantedAt = (path: string, index: number): string => `${path.slice(0, -".ts".length)}${index}.ts`

const source = (specifier: string): string => {
  const [module, name = "planted"] = specifier.startsWith("effect:") ? specifier.split(":") : [specifier]
  return `import { ${name} } from "${module}"\n\nexport const used = ${name}\n`
}

/** Plants the imports in an empty tree and answers which of its files the linter refuses. */
const refusedOf = async (planted: ReadonlyArray<readonly [path: string, specifier: string]>): Promise<Set<string>> => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-arrows-"))
  try {
    await writeFile(join(folder, ".oxlintrc.json"), JSON.stringify({ plugins: ["eslint"], overrides: walls }))
    for (const [index, [path, specifier]] of planted.entries()) {
      const file = join(folder, plantedAt(path, index))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, source(specifier))
    }
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint")
    const { stdout } = await run(process.execPath, [oxlint, "--format", "unix"], { cwd: folder }).catch(
      (failure: { readonly stdout: string }) => failure
    )
    const refusals = stdout.split("\n").filter((line) => line.includes("no-restricted-imports"))
    return new Set(refusals.map((line) => line.slice(0, line.indexOf(":"))))
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe("The arrows of the architecture", () => {
  let refused: Promise<Set<string>> | undefined
  const planted = [...violations, ...allowed]
  const isRefused = async (path: string, index: number): Promise<boolean> => {
    refused ??= refusedOf(planted)
    return (await refused).has(plantedAt(path, index))
  }

  for (const [index, [path, specifier]] of planted.entries()) {
    const isViolation = index < violations.length
    it(`${path} may ${isViolation ? "not " : ""}import ${specifier}`, async () => {
      assert.strictEqual(await isRefused(path, index), isViolation)
    })
  }
})
