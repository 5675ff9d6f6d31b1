/**
 * Every repository of identity on Postgres.
 */
import { Layer } from "effect"
import * as PgAccountTokenRepository from "./PgAccountTokenRepository.ts"
import * as PgIdentityRepository from "./PgIdentityRepository.ts"
import * as PgMergeTicketRepository from "./PgMergeTicketRepository.ts"
import * as PgNativeCodeRepository from "./PgNativeCodeRepository.ts"
import * as PgNativeFlowRepository from "./PgNativeFlowRepository.ts"
import * as PgOAuthFlowRepository from "./PgOAuthFlowRepository.ts"
import * as PgRealtimeTicketRepository from "./PgRealtimeTicketRepository.ts"
import * as PgSessionRepository from "./PgSessionRepository.ts"
import * as PgSiweNonceRepository from "./PgSiweNonceRepository.ts"
import * as PgUserRepository from "./PgUserRepository.ts"

export const layer = Layer.mergeAll(
  PgAccountTokenRepository.layer,
  PgIdentityRepository.layer,
  PgMergeTicketRepository.layer,
  PgNativeCodeRepository.layer,
  PgNativeFlowRepository.layer,
  PgOAuthFlowRepository.layer,
  PgRealtimeTicketRepository.layer,
  PgSessionRepository.layer,
  PgSiweNonceRepository.layer,
  PgUserRepository.layer
)
