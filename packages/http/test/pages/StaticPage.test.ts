import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { isHashed } from "../../src/pages/StaticPage.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const folder = mkdtempSync(join(tmpdir(), "dchat-static-"))
const page = join(folder, "page")

const write = (path: string, text = path) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

for (
  const path of [
    "page/index.html",
    "page/assets/index-Ab12Cd34.js",
    "page/plain.txt",
    "page/.env",
    "page/.git/config",
    "page/shown/.hidden",
    "page/.well-known/security.txt",
    "secret.txt",
    "page-of-another/index.html",
    "elsewhere/index.html"
  ]
) write(path)
mkdirSync(join(page, "lost"))
symlinkSync(join(folder, "secret.txt"), join(page, "link.txt"))
symlinkSync(join(folder, "elsewhere"), join(page, "linked"))
symlinkSync(join(folder, "secret.txt"), join(page, "lost", "index.html"))
symlinkSync(join(folder, "page-of-another"), join(page, "other"))
symlinkSync(join(page, "plain.txt"), join(page, "alias.txt"))
symlinkSync(join(page, ".env"), join(page, "settings.txt"))
symlinkSync(join(page, ".git"), join(page, "history"))
const cleanUp = Layer.effectDiscard(Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true }))))

layer(Layer.merge(memoryHost({ webDirectory: page }), cleanUp), { excludeTestServices: true })(
  "The folder of the page",
  (it) => {
    it.effect.each([
      "/.env",
      "/%2eenv",
      "/.git/config",
      "/shown/.hidden",
      "/shown/%2Ehidden",
      "/link.txt",
      "/linked/",
      "/linked/index.html",
      "/lost/",
      "/other/index.html",
      "/settings.txt",
      "/history/config",
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/plain.txt%00.html",
      "/%E0%A4%A",
      `/${"a".repeat(300)}`,
      "/plain.txt/below",
      "/nothing"
    ])("does not contain %s", (path) =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const answer = yield* send("GET", path)
        assert.deepStrictEqual([answer.status, answer.json?.code], [404, "not_found"], answer.text)
      }))

    it.effect.each([
      ["/", "page/index.html"],
      ["/plain.txt?a=.b", "page/plain.txt"],
      ["/alias.txt", "page/plain.txt"],
      ["/.well-known/security.txt", "page/.well-known/security.txt"],
      ["/assets/index-Ab12Cd34.js", "page/assets/index-Ab12Cd34.js"]
    ])("contains %s", ([path, text]) =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const answer = yield* send("GET", path ?? "")
        assert.deepStrictEqual([answer.status, answer.text], [200, text])
      }))
  }
)

describe("A file with a hash in its name", () => {
  it.each([
    "/assets/index-Ab12Cd34.js",
    "/assets/index-Ab-2C_34.js",
    "/assets/deep/er-name.min-Ab12Cd34.css",
    "/assets/a-b-Ab12Cd3-.js"
  ])("has the name %s", (path) => assert.isTrue(isHashed(path)))

  it.each([
    "/index-Ab12Cd34.js",
    "/assets/index.js",
    "/assets/index-short.js",
    "/assets/index-Ab12Cd34",
    "/assets/index-Ab12 d34.js",
    "/assets/index-Ab12Cd34.j s",
    `/assets/${"-".repeat(100_000)}`
  ])("does not have the name %s", (path) => assert.isFalse(isHashed(path)))
})
