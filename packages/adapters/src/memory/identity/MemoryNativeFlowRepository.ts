/**
 * Keeps flows of applications in a map: for tests and examples.
 */
import { type NativeFlow, type NativeFlowId, NativeFlowRepository } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { consumeFrom, purgeFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(NativeFlowRepository, () => {
  const flows = new Map<NativeFlowId, NativeFlow>()

  return NativeFlowRepository.of({
    insert: (flow) => Effect.sync(() => void flows.set(flow.id, flow)),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(flows.get(id))),
    consume: (id) => consumeFrom(flows, id),
    purge: (now, limit) => purgeFrom(flows, now, limit)
  })
})
