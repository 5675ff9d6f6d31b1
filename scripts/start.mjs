// Starts the host with the page of examples/web: `npm start`. Written so that an old Node can still say that it is.
import { spawn } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const version = process.versions.node.split(".").map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 19)) {
  console.error(
    "dchat cannot start: it needs Node 22.19 or later, this is " + process.versions.node +
      ". `npm ci && npm start` brings its own on Linux; elsewhere install a newer one."
  )
  process.exit(1)
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const web = join(root, "examples", "web")
/** The demo has a page of its own. */
const mode = process.argv[3] ?? "production"
const dist = mode === "production" ? join(web, "dist") : join(web, mode, "dist")

const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).filter((name) => name !== "dist").map((name) => newest(join(path, name))))
    : statSync(path).mtimeMs

const sources = ["index.html", "vite.config.ts", "public", "src", ...(mode === "production" ? [] : [mode])].map((name) => join(web, name)).filter(existsSync)
const built = join(dist, "index.html")
if (!existsSync(built) || statSync(built).mtimeMs < Math.max(...sources.map(newest))) {
  console.log("building the page ...")
  const { build } = await import("vite")
  await build({ root: web, mode, logLevel: "warn" })
}

const main = process.argv[2] ?? join(root, "packages", "http", "src", "main.ts")
process.env.DCHAT_WEB_DIR ??= dist

// A bundle is an advantage, and no need: without one, the host runs from its sources.
const bundle = await import("./bundle.mjs").then(({ currentBundle }) => currentBundle(main)).catch((failure) => {
  console.error("the host starts slowly, because it cannot be bundled: " + failure.message)
})

const parent = process.ppid
/** npm passes SIGTERM on to a shell only, which dies of it and leaves us behind. */
const whenLeftBehind = (stop) => {
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32") return
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 250).unref()
}

if (bundle !== undefined) {
  const { enableCompileCache } = await import("node:module")
  if (enableCompileCache !== undefined) enableCompileCache(join(root, "node_modules", ".cache", "dchat"))
  whenLeftBehind(() => process.kill(process.pid, "SIGTERM"))
  await import(pathToFileURL(bundle).href)
} else {
  const host = spawn(process.execPath, ["--conditions=@dchat/source", main], { stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => host.kill(signal))
  whenLeftBehind(() => host.kill("SIGTERM"))
  host.on("exit", (code, signal) => process.exit(code === null ? (signal === "SIGTERM" ? 143 : 1) : code))
}
