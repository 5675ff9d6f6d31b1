/**
 * Installs the programs that dchat is compared with, which have a lock file of their own.
 */
import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { join, resolve } from "node:path"

const folder = resolve(import.meta.dirname, "..")

/** npm writes the second file when it has installed what the first one names. */
const isInstalled = (): boolean => {
  const lock = join(folder, "package-lock.json")
  const installed = join(folder, "node_modules", ".package-lock.json")
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs
}

export const installPeers = (): void => {
  if (isInstalled()) return
  const npm = process.env["npm_execpath"]
  if (npm === undefined) throw new Error("run benchmarks by `npm run bench`: the peers are not installed")
  console.error("installing the peers ...")
  const { status } = spawnSync(process.execPath, [npm, "ci", "--ignore-scripts"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"]
  })
  if (status !== 0) throw new Error("npm ci of the peers failed")
}
