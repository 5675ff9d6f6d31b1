/**
 * Runs TypeScript with the diagnostics of Effect, so that one pass finds both kinds of errors. The arguments are those of
 * `tsc`.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { resolve } from "node:path"

const effect = resolve(import.meta.dirname, "../node_modules/@effect/tsgo/dist/effect-tsgo.cjs")
const tsc = execFileSync(process.execPath, [effect, "get-exe-path"], { encoding: "utf8" }).trim()

// Each checker of a project checks the types of Effect anew: one does half of the work of the default, four.
const { status } = spawnSync(tsc, [...process.argv.slice(2), "--checkers", "1"], { stdio: "inherit" })
process.exitCode = status ?? 1
