/**
 * All stored ports of calls, on Postgres: open and finished calls, leases, and idempotency keys.
 */
import { Layer } from "effect"
import * as PgIdempotencyKeys from "../idempotency/PgIdempotencyKeys.ts"
import * as PgCallLeases from "./PgCallLeases.ts"
import * as PgCallRepository from "./PgCallRepository.ts"
import * as PgFinishedCalls from "./PgFinishedCalls.ts"
import { StoredCallStates } from "./StoredCallStates.ts"

export const layer = Layer.mergeAll(
  PgCallLeases.layer,
  PgCallRepository.layer,
  PgFinishedCalls.layer,
  PgIdempotencyKeys.layer
).pipe(
  Layer.provide(StoredCallStates.layer)
)
