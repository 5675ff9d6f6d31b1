import { PgIdempotencyKeys } from "@dchat/adapters/postgres"
import { idempotencyKeysContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  idempotencyKeysContract(`PgIdempotencyKeys on ${name}`, PgIdempotencyKeys.layer.pipe(Layer.provide(layer)))
}
