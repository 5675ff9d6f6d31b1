/**
 * Keeps flows at LinkedIn in a map: for tests and examples.
 */
import { type OAuthFlow, type OAuthFlowId, OAuthFlowRepository } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { consumeFrom, purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(OAuthFlowRepository, () => {
  const flows = new Map<OAuthFlowId, OAuthFlow>()

  return OAuthFlowRepository.of({
    insert: (flow) => Effect.sync(() => void flows.set(flow.id, flow)),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(flows.get(id))),
    consume: (id) => consumeFrom(flows, id),
    voidOf: (users) => voidFrom(flows, ({ userId }) => userId !== undefined && users.includes(userId)),
    purge: (now, limit) => purgeFrom(flows, now, limit)
  })
})
