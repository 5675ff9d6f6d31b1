import { MemoryIdentity, MemoryIdentityBus, MemoryPresence } from "@dchat/adapters/memory"
import { PgIdentity } from "@dchat/adapters/postgres"
import { Layer } from "effect"
import { identityTestServices } from "../../../domain/test/identity/IdentityTestLayer.ts"
import { identityRacesContract } from "../IdentityRaces.contract.ts"
import { backends } from "../support/TestDatabase.ts"

identityRacesContract(
  "The identity services in memory",
  Layer.provideMerge(identityTestServices(), MemoryIdentity.layer)
)

for (const { layer, name } of backends) {
  const ports = Layer.mergeAll(PgIdentity.layer, MemoryIdentityBus.layer, MemoryPresence.layer).pipe(
    Layer.provide(layer)
  )
  identityRacesContract(`The identity services on ${name}`, Layer.provideMerge(identityTestServices(), ports))
}
