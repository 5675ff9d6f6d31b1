/**
 * Every repository of identity on Postgres.
 */
import { Layer } from "effect"
import * as PgAccountTokenRepository from "./PgAccountTokenRepository.ts"
import * as PgIdentityRepository from "./PgIdentityRepository.ts"
import * as PgSessionRepository from "./PgSessionRepository.ts"
import * as PgSingleUse from "./PgSingleUse.ts"
import * as PgUserRepository from "./PgUserRepository.ts"

export const layer = Layer.mergeAll(
  PgAccountTokenRepository.layer,
  PgIdentityRepository.layer,
  PgSessionRepository.layer,
  PgSingleUse.layer,
  PgUserRepository.layer
)
