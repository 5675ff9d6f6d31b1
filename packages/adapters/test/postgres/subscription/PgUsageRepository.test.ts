import { PgUsageRepository } from "@dchat/adapters/postgres"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"
import { usageRepositoryContract } from "../../UsageRepository.contract.ts"

for (const { layer, name } of backends) {
  usageRepositoryContract(`PgUsageRepository on ${name}`, PgUsageRepository.layer.pipe(Layer.provide(layer)))
}
