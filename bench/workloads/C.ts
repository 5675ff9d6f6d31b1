/**
 * C1 and C2: how soon the command line and a host are there.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "../../test/support/freePort.ts"
import { temporaryFolder } from "../processes/temporaryFolder.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"

const root = resolve(import.meta.dirname, "../..")

const milliseconds = "ms"
const emptyScript = "an empty script"

/** Programs see all cores, as on the machines of users. */
const allCores = ["--cpu-list", "0-1", process.execPath]

const programs = (): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  const cli = join(root, "packages/cli")
  const { bin } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8")) as {
    readonly bin: { readonly dchat: string }
  }
  const published = join(cli, bin.dchat)
  return [
    [emptyScript, ["--eval", ""]],
    ["dchat from source", ["--conditions=@dchat/source", join(cli, "src/main.ts"), "--help"]],
    // There is none before `npm run build`.
    ...(existsSync(published) ? [["dchat as published", [published, "--help"]] as const] : [])
  ]
}

const help = (): ReadonlyArray<Measurement> =>
  programs().map(([subject, args]) => {
    const began = performance.now()
    const { status, stderr } = spawnSync("taskset", [...allCores, ...args], { cwd: root })
    if (status !== 0) throw new Error(`${subject}: ${String(stderr)}`)
    return { load: "C1: dchat --help", subject, mode: "", figures: { [milliseconds]: performance.now() - began } }
  })

const isHealthy = (port: number) => fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok, () => false)

/** Milliseconds from `npm start` to the first healthy answer. */
const startOnce = async (folder: string): Promise<number> => {
  const npm = process.env["npm_execpath"]
  if (npm === undefined) throw new Error("run benchmarks by `npm run bench`")
  const port = await freePort()
  const began = performance.now()
  const child = spawn("taskset", [...allCores, npm, "start", "--silent"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: `${port}`,
      DCHAT_DATA_DIR: join(folder, "data")
    },
    stdio: "ignore",
    detached: true
  })
  const exit = once(child, "exit")
  while (!await isHealthy(port)) {
    if (child.exitCode !== null || performance.now() - began > 60_000) throw new Error("npm start fails")
    await sleep(5)
  }
  const took = performance.now() - began
  // npm does not pass signals on to what it started, so the whole group gets this one.
  if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM")
  await exit
  // The host stops its database before it ends.
  while (await isHealthy(port)) await sleep(20)
  return took
}

const run = async ({ rounds }: Options): Promise<ReadonlyArray<Measurement>> => {
  const folder = await temporaryFolder()
  const measurements: Array<Measurement> = []
  try {
    const first = await startOnce(folder.path)
    measurements.push({ load: "C2: first npm start", subject: "dchat", mode: "", figures: { [milliseconds]: first } })
    for (let round = 0; round < rounds; round += 1) {
      const next = { [milliseconds]: await startOnce(folder.path) }
      measurements.push(...help(), { load: "C2: next npm start", subject: "dchat", mode: "", figures: next })
    }
  } finally {
    await folder.remove()
  }
  return measurements
}

export const C: Benchmark = {
  title: "dchat --help, and npm start to the first healthy answer",
  run,
  ratios: [{ figure: milliseconds, to: emptyScript }]
}
