/**
 * Keeps flows at LinkedIn in a map: for tests and examples.
 */
import { type KnownOAuthFlow, type OAuthFlowId, OAuthFlowRepository } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(OAuthFlowRepository, () => {
  const flows = new Map<OAuthFlowId, KnownOAuthFlow>()

  return OAuthFlowRepository.of({
    insert: (flow) => Effect.sync(() => void flows.set(flow.id, { ...flow, standing: "waiting" })),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(flows.get(id))),
    consume: (id) =>
      Effect.sync(() => {
        const found = flows.get(id)
        if (found?.standing !== "waiting") return Option.none()
        flows.set(id, { ...found, standing: "taken" })
        const { standing: _, ...flow } = found
        return Option.some(flow)
      }),
    settle: (id, end) =>
      Effect.sync(() => {
        const found = flows.get(id)
        if (found?.standing !== "taken") return
        flows.set(id, { ...found, standing: "over", ...end })
      }),
    voidOf: (users) =>
      voidFrom(
        flows,
        ({ standing, userId }) => standing === "waiting" && userId !== undefined && users.includes(userId)
      ),
    purge: (now, limit) => purgeFrom(flows, now, limit)
  })
})
