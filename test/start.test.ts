import { assert, describe, it } from "@effect/vitest"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

const repository = resolve(import.meta.dirname, "..")

const program = (text: string) =>
  `const text: string = "${text}"
console.log(text, import.meta.url)
`

/** A repository with a small program in the place of the host, and with a page that is built. */
const withRepository = async (
  libraries: "with libraries" | "without libraries",
  use: (root: string, main: string) => Promise<void>
) => {
  const root = await mkdtemp(join(tmpdir(), "dchat-start-"))
  try {
    const main = join(root, "packages/http/src/main.ts")
    for (const folder of ["scripts", "packages/http/src", "examples/web/dist"]) {
      await mkdir(join(root, folder), { recursive: true })
    }
    for (const script of ["start.mjs", "bundle.mjs"]) {
      await copyFile(join(repository, "scripts", script), join(root, "scripts", script))
    }
    await writeFile(join(root, "examples/web/dist/index.html"), "")
    await writeFile(join(root, "package.json"), `{ "type": "module" }`)
    await writeFile(join(root, "package-lock.json"), "{}")
    if (libraries === "with libraries") {
      await mkdir(join(root, "node_modules"))
      for (const name of ["rolldown", "@rolldown", "@oxc-project"]) {
        await symlink(join(repository, "node_modules", name), join(root, "node_modules", name))
      }
    }
    await use(root, main)
  } finally {
    await rm(root, { recursive: true })
  }
}

const start = async (root: string) => {
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [join(root, "scripts/start.mjs")])
  const [text, url] = stdout.trim().split(" ")
  return { text, url, stderr }
}

describe("npm start", { timeout: 60_000 }, () => {
  it("bundles the host once for the same sources, and again after a change", () =>
    withRepository("with libraries", async (root, main) => {
      await writeFile(main, program("one"))
      const first = await start(root)
      assert.deepInclude(first, { text: "one", stderr: "" })
      assert.include(first.url, "/dist/main/")
      assert.deepStrictEqual(await start(root), first)

      await writeFile(main, program("second"))
      const second = await start(root)
      assert.strictEqual(second.text, "second")
      assert.notStrictEqual(second.url, first.url)
    }))

  it("keeps the bundle before the current one, on which a host may still run, and no other", () =>
    withRepository("with libraries", async (root, main) => {
      const urls: Array<string> = []
      for (const text of ["one", "second", "the-third"]) {
        await writeFile(main, program(text))
        urls.push((await start(root)).url ?? "")
      }
      const kept = (await readdir(join(root, "dist/main"))).map((name) => `/${name}/`)
      assert.lengthOf(kept, 2)
      assert.isTrue(kept.every((name) => urls.slice(1).some((url) => url.includes(name))), `${kept} of ${urls}`)
    }))

  it("runs the host from its sources without a bundler, and says why that is slow", () =>
    withRepository("without libraries", async (root, main) => {
      await writeFile(main, program("one"))
      const { stderr, text, url } = await start(root)
      assert.strictEqual(text, "one")
      assert.include(url, "/src/main.ts")
      assert.match(stderr, /^the host starts slowly, because it cannot be bundled: [^\n]*rolldown/)
    }))

  for (const libraries of ["with libraries", "without libraries"] as const) {
    it(`stops the host when npm ends (${libraries})`, () =>
      withRepository(libraries, async (root, main) => {
        await writeFile(
          main,
          `const alive = setInterval(() => {}, 1000)
process.on("SIGTERM", () => { console.log("stopped"); clearInterval(alive) })
console.log("ready")
`
        )
        const shell = spawn("sh", ["-c", `"${process.execPath}" scripts/start.mjs & wait`], {
          cwd: root,
          env: { ...process.env, npm_lifecycle_event: "start" },
          stdio: ["ignore", "pipe", "ignore"]
        })
        let stdout = ""
        const closed = once(shell.stdout, "close")
        shell.stdout.setEncoding("utf8").on("data", (text: string) => {
          stdout += text
          if (stdout === "ready\n") shell.kill("SIGKILL")
        })
        await closed
        assert.strictEqual(stdout, "ready\nstopped\n")
      }))
  }
})
