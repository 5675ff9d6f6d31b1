/**
 * Calls and their leases on Postgres.
 */
import { Layer } from "effect"
import * as PgCallLeases from "./PgCallLeases.ts"
import * as PgCallRepository from "./PgCallRepository.ts"
import { StoredCallStates } from "./StoredCallStates.ts"

export const layer = Layer.mergeAll(PgCallLeases.layer, PgCallRepository.layer).pipe(
  Layer.provide(StoredCallStates.layer)
)
