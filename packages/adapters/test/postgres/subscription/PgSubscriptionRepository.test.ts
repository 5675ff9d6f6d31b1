import { PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { Layer } from "effect"
import { subscriptionRepositoryContract } from "../../SubscriptionRepository.contract.ts"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  subscriptionRepositoryContract(
    `PgSubscriptionRepository on ${name}`,
    Layer.merge(PgSubscriptionRepository.layer, PgIdentity.layer).pipe(Layer.provide(layer))
  )
}
