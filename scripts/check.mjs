/**
 * Runs every check, in two lanes at once. Each check writes its output when it ends.
 */
import { spawn } from "node:child_process"
import { resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** The checks of each lane, in order. `packages` packs what `types` builds. */
const lanes = [["types", "packages"], ["contracts", "diagrams", "format", "lint", "unused"]]

const run = (name) =>
  new Promise((done) => {
    const began = performance.now()
    const child = spawn("npm", ["run", "--silent", `check:${name}`], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    const output = []
    child.stdout.on("data", (chunk) => output.push(chunk))
    child.stderr.on("data", (chunk) => output.push(chunk))
    child.on("close", (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      process.stdout.write(Buffer.concat(output))
      console.log(`check:${name} ${code === 0 ? "passed" : "FAILED"} after ${seconds} s`)
      done(code === 0)
    })
  })

const runLane = async (names) => {
  const results = []
  // oxlint-disable-next-line no-await-in-loop -- a lane is one check at a time
  for (const name of names) results.push(await run(name))
  return results
}

if ((await Promise.all(lanes.map(runLane))).flat().includes(false)) process.exitCode = 1
