/**
 * Opens a page in the browser of the user who runs the command, where there is one.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"

const opener = process.platform === "darwin" ? "open" : "xdg-open"

/** Whether it worked is not known: the user has the address as well. The browser outlives this process. */
export const openInBrowser = (url: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const child = spawn(opener, [url], { detached: true, stdio: "ignore" })
    child.on("error", () => {})
    child.unref()
  })
