import { PgBilling, PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { billingContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  billingContract(
    `PgBilling on ${name}`,
    Layer.mergeAll(PgBilling.layer, PgSubscriptionRepository.layer, PgIdentity.layer).pipe(Layer.provide(layer))
  )
}
