/**
 * The active faults, and the faults that replace the answer of the provider.
 */
import type { ServerResponse } from "node:http"
import { setTimeout } from "node:timers/promises"
import type { Endpoint, Fault, Forge, Json } from "./Fault.ts"

export interface Faults {
  set(endpoint: Endpoint, fault: Fault): void
  /** Removes it, unless another one has taken its place. */
  remove(endpoint: Endpoint, fault: Fault): void
  clear(): void
  /** Answers instead of the provider, or waits; true when there is nothing left to answer. */
  intercept(endpoint: Endpoint, response: ServerResponse): Promise<boolean>
  alter(endpoint: Endpoint, answer: Json, forge: Forge): Promise<Json>
  /** Ends all waiting. */
  close(): void
}

/** A JSON object with one long member, as fast as it is read. */
const pour = (response: ServerResponse, bytes: number): void => {
  const head = "{\"padding\":\""
  const tail = "\"}"
  const letters = "a".repeat(65_536)
  let left = bytes - head.length - tail.length
  response.writeHead(200, {
    "content-type": "application/json",
    ...(Number.isFinite(bytes) ? { "content-length": bytes } : {})
  })
  response.write(head)
  const more = () => {
    while (left > 0 && !response.destroyed) {
      const part = letters.slice(0, Math.min(left, letters.length))
      left -= part.length
      if (!response.write(part)) return
    }
    response.off("drain", more)
    response.end(tail)
  }
  response.on("drain", more)
  more()
}

export const make = (): Faults => {
  const inForce = new Map<Endpoint, Fault>()
  const closed = new AbortController()
  return {
    set: (endpoint, fault) => void inForce.set(endpoint, fault),
    remove: (endpoint, fault) => {
      if (inForce.get(endpoint) === fault) inForce.delete(endpoint)
    },
    clear: () => inForce.clear(),
    close: () => closed.abort(),
    intercept: async (endpoint, response) => {
      const fault = inForce.get(endpoint)
      switch (fault?._tag) {
        case "Hang":
          return true
        case "Stall":
          response.writeHead(200, { "content-type": "application/json", "content-length": 1000 })
          response.write("{")
          return true
        case "Cut":
          response.destroy()
          return true
        case "Flood":
          pour(response, fault.bytes)
          return true
        case "Answer":
          response.writeHead(fault.status, {
            "content-type": fault.contentType,
            ...(fault.status >= 300 && fault.status < 400 ? { location: fault.body } : {})
          })
          response.end(fault.body)
          return true
        case "Slow":
          await setTimeout(fault.milliseconds, undefined, { signal: closed.signal })
          return false
        default:
          return false
      }
    },
    alter: async (endpoint, answer, forge) => {
      const fault = inForce.get(endpoint)
      return fault?._tag === "Alter" ? fault.alter(answer, forge) : answer
    }
  }
}
