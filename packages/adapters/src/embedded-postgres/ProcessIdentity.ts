/**
 * Distinguishes a process from a later process with the same pid.
 */
import { Option } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, readlinkSync } from "node:fs"

const attempt = <A>(read: () => A): Option.Option<A> => {
  try {
    return Option.some(read())
  } catch {
    return Option.none()
  }
}

/** Whether a process has this pid; one that may not be signalled counts. */
export const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** `ps` for systems without /proc. */
const ps = (pid: number, column: string) =>
  attempt(() => execFileSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim())

/**
 * When the process started, in the system's own units; none when there is no such process, or it has ended and only
 * waits to be reaped. Of a process whose details are hidden it is "unknown".
 */
export const startOf = (pid: number): Option.Option<string> => {
  if (!exists(pid)) return Option.none()
  const start = process.platform === "linux"
    ? attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8")).pipe(Option.map((stat) => {
      // proc_pid_stat(5): the command, field 2, may hold spaces and parentheses; state is field 3, start time field 22.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      return fields[0] === "Z" || fields[0] === "X" ? "" : fields[19] ?? "unknown"
    }))
    : ps(pid, "lstart")
  return Option.filter(Option.orElseSome(start, () => exists(pid) ? "unknown" : ""), (value) => value !== "")
}

/** The command line of a process: its arguments on Linux, one string elsewhere. */
export const commandOf = (pid: number): ReadonlyArray<string> =>
  process.platform === "linux"
    ? Option.getOrElse(attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")), () => [])
    : Option.toArray(ps(pid, "args"))

/** Identifies the boot and the container in which a pid is valid. */
export const pidSpace = (): string =>
  process.platform === "linux"
    ? [
      attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
      attempt(() => readlinkSync("/proc/self/ns/pid"))
    ].map((part) => Option.getOrElse(part, () => "")).join(" ")
    : ""
