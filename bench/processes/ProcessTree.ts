/**
 * The CPU time and the memory of a process with all of its descendants, as the kernel counts them (proc(5)).
 */
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** Ticks of the kernel's clock a second (sysconf(_SC_CLK_TCK)), the same on all Linux systems of today. */
const ticksPerSecond = 100

interface Entry {
  readonly parent: number
  /** Ticks of the process itself, and of the descendants that ended and were waited for. */
  readonly ticks: number
}

const entryOf = (pid: number): Entry | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The command, field 2, may hold spaces and parentheses. Fields 14 to 17: utime, stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { parent: Number(fields[1]), ticks }
  } catch {
    return undefined
  }
}

const entries = (): Map<number, Entry> => {
  const all = new Map<number, Entry>()
  for (const name of readdirSync("/proc")) {
    const pid = Number(name)
    const entry = Number.isInteger(pid) ? entryOf(pid) : undefined
    if (entry !== undefined) all.set(pid, entry)
  }
  return all
}

const treeOf = (root: number, all: Map<number, Entry>): ReadonlyArray<number> => {
  const found = [root]
  for (const parent of found) {
    for (const [pid, entry] of all) if (entry.parent === parent) found.push(pid)
  }
  return found
}

/** CPU time of the tree so far, in milliseconds. */
const cpuOf = (root: number): number => {
  const all = entries()
  const ticks = treeOf(root, all).reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0)
  return (ticks * 1000) / ticksPerSecond
}

export const cpuOfAll = (roots: ReadonlyArray<number>): number => roots.reduce((sum, root) => sum + cpuOf(root), 0)

/** Memory of one process that is in use now (VmRSS), in KiB. */
export const memoryOf = (pid: number): number => {
  const [, kibibytes = NaN] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kibibytes)
}

/** Memory of a server of the benchmark after a collection of its garbage, in KiB. */
export const collectedMemoryOf = async (pid: number): Promise<number> => {
  process.kill(pid, "SIGUSR2")
  // The collector returns pages to the system a moment later.
  await sleep(2000)
  return memoryOf(pid)
}
