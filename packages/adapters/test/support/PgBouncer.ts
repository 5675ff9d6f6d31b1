/**
 * A real pgbouncer for one scope, in front of a PostgreSQL with a unix socket.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { freePort } from "../../../../test/support/freePort.ts"

const program = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((folder) => join(folder, "pgbouncer"))
  .find((path) => existsSync(path))

/** Where there is no pgbouncer, suites that need one are left out, unless the run has to be complete. */
export const isLeftOut = program === undefined && process.env["DCHAT_REQUIRE"] !== "all"

export type Mode = "session" | "transaction" | "statement"

export interface Behind {
  /** The folder of the server's socket. */
  readonly host: string
  readonly port: number
  readonly username: string
}

/** Listens on a port of the loopback interface, which it answers. */
export const inFrontOf = Effect.fnUntraced(function*({ host, port: behind, username }: Behind, mode: Mode) {
  if (program === undefined) return yield* Effect.die(new Error("pgbouncer is not installed"))
  const folder = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "dchat-pgbouncer-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  )
  const port = yield* Effect.promise(freePort)
  const settings = join(folder, "pgbouncer.ini")
  yield* Effect.promise(async () => {
    await chmod(folder, 0o755)
    await writeFile(
      settings,
      [
        "[databases]",
        `* = host=${host} port=${behind} user=${username}`,
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        `listen_port = ${port}`,
        "unix_socket_dir =",
        "auth_type = any",
        `pool_mode = ${mode}`,
        // Fewer than a host has, unless each of its connections takes one for as long as it lives.
        `default_pool_size = ${mode === "session" ? 20 : 4}`,
        ""
      ].join("\n")
    )
  })
  yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof spawn>>((resume) => {
      // It does not run as root, and the folder of the socket is open to the server's user only.
      const { gid, uid } = statSync(host)
      const user = process.getuid?.() === 0 ? { uid, gid } : {}
      const child = spawn(program, [settings], { ...user, cwd: "/", stdio: ["ignore", "ignore", "pipe"] })
      let output = ""
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output += text
        if (output.includes("process up")) resume(Effect.succeed(child))
      })
      child.once("exit", () => resume(Effect.die(new Error(`pgbouncer has ended:\n${output}`))))
      child.once("error", (error) => resume(Effect.die(error)))
    }),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )
  return port
})
