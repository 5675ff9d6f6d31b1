/**
 * The process that makes load on one server, on the core of loads.
 */
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
  let asks = 0
  const waiting = new Map<number, { readonly done: (answer: never) => void; readonly fail: (reason: Error) => void }>()
  child.on("message", ({ answer, id }: { readonly id: number; readonly answer: never }) => {
    waiting.get(id)?.done(answer)
    waiting.delete(id)
  })
  child.once("exit", () => {
    for (const { fail } of waiting.values()) fail(new Error("the process of the load has ended"))
  })
  return {
    ask: (name, asked) =>
      new Promise((done, fail) => {
        asks += 1
        waiting.set(asks, { done, fail })
        child.send({ id: asks, name, asked })
      }),
    stop: () => stop(child)
  }
}
