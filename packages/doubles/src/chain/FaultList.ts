/**
 * The active faults of a proxy.
 */
import type { Occurrence, RpcFault } from "./RpcFault.ts"

interface Active {
  readonly fault: RpcFault
  readonly methods: ReadonlyArray<string> | undefined
  left: number
}

/** The faults of one request, by kind. */
export type Current = { readonly [tag in RpcFault["_tag"]]?: Extract<RpcFault, { readonly _tag: tag }> }

export interface FaultList {
  /** Adds a fault and returns the function that removes this fault. */
  add(fault: RpcFault, occurrence: Occurrence): () => void
  clear(): void
  /** The faults of the next request of this method. Of two faults of one kind, the newer one counts. */
  take(method: string): Current
}

export const make = (): FaultList => {
  const active = new Set<Active>()
  return {
    add: (fault, { methods, times = Infinity }) => {
      const added = { fault, methods, left: times }
      active.add(added)
      return () => void active.delete(added)
    },
    clear: () => active.clear(),
    take: (method) => {
      const current: Partial<Record<RpcFault["_tag"], RpcFault>> = {}
      for (const one of active) {
        if (one.methods !== undefined && !one.methods.includes(method)) continue
        current[one.fault._tag] = one.fault
        one.left--
        if (one.left <= 0) active.delete(one)
      }
      return current as Current
    }
  }
}
