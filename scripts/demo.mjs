// Starts the host as `npm start` does, with a stand-in for LinkedIn beside it: `npm run demo`. Written so that an old
// Node gets as far as scripts/start.mjs, which says that it is too old.
import { spawn } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const scripts = dirname(fileURLToPath(import.meta.url))

/** Where people open it, as the host works it out too. */
const publicUrl = process.env.DCHAT_PUBLIC_URL || "http://localhost:" + (process.env.PORT || "3000")

/** Starts the stand-in, unless this Node cannot. */
const startLinkedIn = async () => {
  const version = process.versions.node.split(".").map(Number)
  if (version[0] < 22 || (version[0] === 22 && version[1] < 19) || !URL.canParse(publicUrl)) return undefined
  const { LinkedInDouble } = await import("@dchat/doubles/linkedin")
  const { Effect, Exit, Scope } = await import("effect")
  const scope = Effect.runSync(Scope.make())
  const double = await Effect.runPromise(
    LinkedInDouble.start({ redirectUris: [new URL("/auth/linkedin/callback", publicUrl).href] }).pipe(
      Effect.provideService(Scope.Scope, scope)
    )
  )
  return { environment: double.environment, stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

const linkedIn = await startLinkedIn()
if (linkedIn !== undefined) {
  console.log(`This is a demo. As soon as dchat says that it is ready, open ${publicUrl} in a browser.
"LinkedIn" is a stand-in that runs on this computer. It knows a few made-up people, asks for no password, and nothing
of it goes to LinkedIn. What you do is kept in the folder .dchat-demo, unless DCHAT_DATA_DIR names another one.
Ctrl+C stops everything.
`)
}

const host = spawn(process.execPath, [join(scripts, "start.mjs")], {
  stdio: "inherit",
  env: {
    DCHAT_DATA_DIR: join(scripts, "..", ".dchat-demo"),
    ...process.env,
    // Made-up people do not belong into a database that is used for more.
    DATABASE_URL: "",
    ...linkedIn?.environment
  }
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => host.kill(signal))
// npm passes SIGTERM on to a shell only, which dies of it and leaves us behind.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined && process.platform !== "win32") {
  setInterval(() => process.ppid === parent || host.kill("SIGTERM"), 250).unref()
}
host.on("exit", async (code, signal) => {
  await linkedIn?.stop()
  process.exit(code === null ? (signal === "SIGTERM" ? 143 : 1) : code)
})
