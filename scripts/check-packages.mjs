/**
 * Checks that the packages could be published as they are: their manifests (publint), and that TypeScript finds the
 * types of every entry (attw). The packed packages stay in the folder that `DCHAT_TARBALLS` names.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const bin = (name) => join(root, "node_modules/.bin", name)
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"] }).toString()

const kept = process.env.DCHAT_TARBALLS
if (kept) mkdirSync(kept, { recursive: true })
const folder = kept ? resolve(kept) : mkdtempSync(join(tmpdir(), "dchat-packages-"))
try {
  for (const name of ["domain", "adapters", "http", "cli"]) {
    const cwd = join(root, "packages", name)
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], cwd))
    const tarball = join(folder, packed.filename)
    try {
      run(bin("publint"), ["run", tarball, "--strict"], root)
      if (name !== "cli") run(bin("attw"), [tarball, "--profile", "esm-only"], root)
    } catch (failure) {
      process.stderr.write(`@dchat/${name}:\n${failure.stdout ?? failure}\n`)
      process.exitCode = 1
      continue
    }
    console.log(`@dchat/${name}: ${packed.files.length} files, ${packed.unpackedSize} bytes`)
  }
} finally {
  if (!kept) rmSync(folder, { recursive: true })
}
