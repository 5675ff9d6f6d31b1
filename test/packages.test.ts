/**
 * The published packages as an application gets them: packed, installed in an empty folder outside the repository, and
 * used from there by their built files.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify, stripVTControlCharacters } from "node:util"
import { application, installedBytes, output, outputUntil, pack } from "./support/application.ts"
import { published } from "./support/published.ts"

/** Installing takes its time, and a registry. */
const isRequired = process.env["DCHAT_REQUIRE"] === "all"

/** A folder with the packages as `npm run check:packages` has packed them; without it, they are built and packed here. */
const packed = process.env["DCHAT_TARBALLS"]

const root = resolve(import.meta.dirname, "..")
const tsc = "node_modules/typescript/bin/tsc"
const oneChecker = ["--checkers", "1"]
const read = (path: string) => readFileSync(join(root, path), "utf8")

const { devDependencies: versions, version } = JSON.parse(read("packages/adapters/package.json"))
const { bin } = JSON.parse(read("packages/cli/package.json"))
const help = JSON.parse(read("packages/cli/src/help.json"))
const { devDependencies: tools, optionalDependencies: nodes } = JSON.parse(read("package.json"))
const { peerDependencies: peers } = JSON.parse(read("packages/http/package.json"))

/** The packages that `openDchat` needs without an embedded PostgreSQL, as docs/embedding.md lists them. */
const libraries = ["@effect/platform-node", "@effect/sql-pg", "jose", "oauth4webapi", "stripe", "viem"]

const people = `const ann: string = "01900000-0000-7000-8000-00000000000a"
const bob: string = "01900000-0000-7000-8000-00000000000b"
`

/** The lines of the README, as they are. */
const embedding = /^```js\n(import \{ openDchat \}.*?)^```$/msu.exec(read("README.md"))?.[1] ?? ""

const client = `import { makeClient } from "@dchat/http/client"
import { Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"

const refusal: Effect.Effect<string> = Effect.gen(function*() {
  const client = yield* makeClient({ baseUrl: "http://127.0.0.1:1", token: Redacted.make("dcs_none") })
  const { user } = yield* client.auth.me()
  return user.id
}).pipe(Effect.catch(({ _tag }) => Effect.succeed(_tag)), Effect.provide(FetchHttpClient.layer))

console.log(await Effect.runPromise(refusal))
`

const compiler = (module: string, moduleResolution: string) => ({
  compilerOptions: { target: "ES2024", module, moduleResolution, strict: true, noEmit: true, types: ["node"] },
  files: ["embedding.ts", "client.ts"]
})

describe.runIf(isRequired)("The packed packages", { concurrent: true, timeout: 240_000 }, () => {
  let folder: string
  let tarballs: ReadonlyArray<string>
  let embedder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-packed-"))
    const projects = published.map((name) => join("packages", name))
    if (packed) tarballs = published.map((name) => resolve(packed, `dchat-${name}-${version}.tgz`))
    else {
      await output(process.execPath, [tsc, "-b", ...projects, ...oneChecker], root)
      await output(process.execPath, ["scripts/bundle-cli.mjs"], root)
      tarballs = await Promise.all(projects.map((project) => pack(folder, join(root, project))))
    }
    embedder = await application(
      join(folder, "embedder"),
      {
        "embedding.js": people.replaceAll(": string", "") + embedding,
        "embedding.ts": people + embedding,
        "client.ts": client,
        "nodenext.json": compiler("nodenext", "nodenext"),
        "bundler.json": compiler("esnext", "bundler")
      },
      ...tarballs.slice(0, 3),
      `effect@${peers.effect}`,
      ...libraries.map((name) => `${name}@${versions[name]}`),
      `@types/node@${tools["@types/node"]}`
    )
  }, 240_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const embed = async (node: string) => {
    const lines = await outputUntil(/^initiated/, node, ["embedding.js"], embedder)
    assert.strictEqual(lines[0], "FREE")
  }

  it("embed calls with the lines of the README on the Node of the repository", () => embed(process.execPath))

  it("embed calls with the lines of the README on Node 22", async () => {
    const name = Object.keys(nodes).find((name) => name === `node-${process.platform}-${process.arch}`)
    const path = await application(join(folder, "node22"), {}, `${name}@22.23.5`)
    const node = join(path, "node_modules", name ?? "", "bin/node")
    assert.match(await output(node, ["--version"], path), /^v22\./)
    await embed(node)
  })

  it("have types for nodenext and for bundlers", async () => {
    for (const project of ["nodenext.json", "bundler.json"]) {
      await output(process.execPath, [tsc, "-p", join(embedder, project), ...oneChecker], root)
    }
  })

  it("contain a typed client that needs no package beside effect", async () => {
    const path = await application(
      join(folder, "client"),
      { "client.ts": client },
      ...tarballs.slice(0, 3),
      `effect@${peers.effect}`
    )
    const bytes = await installedBytes(path)
    assert.sameMembers([...bytes.keys()], ["@dchat/domain", "@dchat/adapters", "@dchat/http", "effect"])
    assert.strictEqual(await output(process.execPath, ["client.ts"], path), "HttpClientError\n")

    const missing = `import("@dchat/adapters/stripe").catch(({ message }) => console.log(message))`
    assert.include(await output(process.execPath, ["-e", missing], path), "Cannot find package 'stripe'")

    const effect = await pack(folder, `effect@${peers.effect}`)
    const archives = await Promise.all([effect, ...tarballs.slice(0, 3)].map((path) => stat(path)))
    const download = archives.reduce((sum, { size }) => sum + size, 0)
    const own = [...bytes].reduce((sum, [name, size]) => name === "effect" ? sum : sum + size, 0)
    console.log(
      `the typed client: ${megabytes(download)} to download; on disk ${megabytes(own)}, and ${
        megabytes(bytes.get("effect") ?? 0)
      } of effect`
    )
    assert.isBelow(download, 20e6)
    assert.isBelow(own, 20e6)
  })

  it("contain the command line, which reports in one line that a database does not answer", async () => {
    const path = await application(join(folder, "cli"), {}, ...tarballs)
    const dchat = join("node_modules/@dchat/cli", bin.dchat)
    assert.strictEqual(await output(process.execPath, [dchat, "--help"], path), stripVTControlCharacters(help.dchat))
    const failure = await promisify(execFile)(process.execPath, [dchat, "calls", "list"], {
      cwd: path,
      env: { ...process.env, DATABASE_URL: "postgres://ann@127.0.0.1:1/dchat" }
    }).then(() => "", ({ stderr }: { readonly stderr: string }) => stderr)
    assert.match(failure, /^dchat: Database dchat on 127\.0\.0\.1:1 is unreachable[^\n]*\n$/)
  })
})

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
