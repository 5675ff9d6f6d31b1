/**
 * The process that makes load on one server, on the core of loads.
 */
import { once } from "node:events"
import { join } from "node:path"
import type { Jobs } from "../load/Job.ts"
import { loadCore, spawnPinned, stop } from "./PinnedProcess.ts"

export interface Load {
  readonly ask: <Name extends keyof Jobs>(name: Name, asked: Jobs[Name]["asked"]) => Promise<Jobs[Name]["answer"]>
  readonly stop: () => Promise<void>
}

export const startLoad = (): Load => {
  const child = spawnPinned(loadCore, [join(import.meta.dirname, "../load/main.ts")], {
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the process of the load has ended")))
  ended.catch(() => undefined)
  return {
    ask: async (name, asked) => {
      const answer = once(child, "message")
      child.send({ name, asked })
      const [message] = await Promise.race([answer, ended])
      return message as Jobs[typeof name]["answer"]
    },
    stop: () => stop(child)
  }
}
