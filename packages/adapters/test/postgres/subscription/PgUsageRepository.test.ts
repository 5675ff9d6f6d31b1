import { PgUsageRepository } from "@dchat/adapters/postgres"
import { usageRepositoryContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  usageRepositoryContract(`PgUsageRepository on ${name}`, PgUsageRepository.layer.pipe(Layer.provide(layer)))
}
