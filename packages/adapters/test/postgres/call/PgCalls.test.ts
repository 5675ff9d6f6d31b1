import { PgCalls } from "@dchat/adapters/postgres"
import {
  callAppendContract,
  callLeasesContract,
  callRacesContract,
  callRepositoryContract,
  finishedCallsContract
} from "@dchat/domain/contracts"
import { Layer } from "effect"
import { callServiceRacesContract } from "../../CallServiceRaces.contract.ts"
import { postgresLayer } from "../../support/StoredCalls.ts"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  const subject = Layer.mergeAll(PgCalls.layer, postgresLayer).pipe(Layer.provide(layer))

  callLeasesContract(`PgCallLeases on ${name}`, subject)
  callRepositoryContract(`PgCallRepository on ${name}`, subject)
  callAppendContract(`PgCallRepository on ${name}`, subject)
  callServiceRacesContract(`PgCallRepository on ${name}`, PgCalls.layer.pipe(Layer.provide(layer)))
  callRacesContract(`PgCallRepository on ${name}`, subject)
  finishedCallsContract(`PgFinishedCalls on ${name}`, subject)
}
