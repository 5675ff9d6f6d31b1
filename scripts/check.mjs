/**
 * Runs every check. The types come first, because others read what they build; the rest runs two at a time. Each check
 * writes its output when it ends.
 */
import { spawn } from "node:child_process"
import { resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** The longest first. */
const checks = ["effect", "packages", "lint", "unused", "diagrams", "format"]

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

/** Runs what is left, one after the other, and answers whether all of it holds. */
const worker = async () => {
  const name = checks.shift()
  if (name === undefined) return true
  const holds = await run(name)
  return await worker() && holds
}

if (!await run("types") || (await Promise.all([worker(), worker()])).includes(false)) process.exitCode = 1
