import { PgSecretCheckRepository } from "@dchat/adapters/postgres"
import { secretCheckRepositoryContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  secretCheckRepositoryContract(
    `PgSecretCheckRepository on ${name}`,
    PgSecretCheckRepository.layer.pipe(Layer.provide(layer))
  )
}
