import { PgIdempotencyKeys, PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { subscriptionRepositoryContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  subscriptionRepositoryContract(
    `PgSubscriptionRepository on ${name}`,
    Layer.mergeAll(PgSubscriptionRepository.layer, PgIdempotencyKeys.layer, PgIdentity.layer).pipe(Layer.provide(layer))
  )
}
