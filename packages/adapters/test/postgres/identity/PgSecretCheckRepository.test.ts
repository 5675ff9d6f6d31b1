import { PgSecretCheckRepository } from "@dchat/adapters/postgres"
import { Layer } from "effect"
import { secretCheckRepositoryContract } from "../../SecretCheckRepository.contract.ts"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  secretCheckRepositoryContract(
    `PgSecretCheckRepository on ${name}`,
    PgSecretCheckRepository.layer.pipe(Layer.provide(layer))
  )
}
