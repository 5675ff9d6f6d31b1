/**
 * Every repository of identity on Postgres.
 */
import { Layer } from "effect"
import * as PgRealtimeTicketRepository from "./PgRealtimeTicketRepository.ts"
import * as PgSessionRepository from "./PgSessionRepository.ts"
import * as PgSiweNonceRepository from "./PgSiweNonceRepository.ts"
import * as PgUserRepository from "./PgUserRepository.ts"

export const layer = Layer.mergeAll(
  PgRealtimeTicketRepository.layer,
  PgSessionRepository.layer,
  PgSiweNonceRepository.layer,
  PgUserRepository.layer
)
