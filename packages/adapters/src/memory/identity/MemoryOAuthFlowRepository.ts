/**
 * Keeps flows at LinkedIn in a map: for tests and examples.
 */
import { type KnownOAuthFlow, type OAuthFlowId, OAuthFlowRepository } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(OAuthFlowRepository, () => {
  const flows = new Map<OAuthFlowId, KnownOAuthFlow>()

  return OAuthFlowRepository.of({
    insert: (flow) => Effect.sync(() => void flows.set(flow.id, { ...flow, state: "waiting" })),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(flows.get(id))),
    consume: (id) =>
      Effect.sync(() => {
        const found = flows.get(id)
        if (found?.state !== "waiting") return Option.none()
        flows.set(id, { ...found, state: "taken" })
        const { state: _, ...flow } = found
        return Option.some(flow)
      }),
    finish: (id, end) =>
      Effect.sync(() => {
        const found = flows.get(id)
        if (found?.state !== "taken") return
        flows.set(id, { ...found, state: "over", ...end })
      }),
    voidOf: (users) =>
      voidFrom(
        flows,
        ({ state, userId }) => state === "waiting" && userId !== undefined && users.includes(userId)
      ),
    purge: (now, limit) => purgeFrom(flows, now, limit)
  })
})
