import { PgIdentity } from "@dchat/adapters/postgres"
import {
  accountTokenRepositoryContract,
  flowsContract,
  identityRepositoryContract,
  realtimeTicketRepositoryContract,
  sessionRepositoryContract,
  siweNonceRepositoryContract,
  userRepositoryContract
} from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  const subject = PgIdentity.layer.pipe(Layer.provide(layer))

  accountTokenRepositoryContract(`PgAccountTokenRepository on ${name}`, subject)
  flowsContract(`on ${name}`, subject)
  identityRepositoryContract(`PgIdentityRepository on ${name}`, subject, { takesBack: true })
  realtimeTicketRepositoryContract(`PgRealtimeTicketRepository on ${name}`, subject)
  sessionRepositoryContract(`PgSessionRepository on ${name}`, subject)
  siweNonceRepositoryContract(`PgSiweNonceRepository on ${name}`, subject)
  userRepositoryContract(`PgUserRepository on ${name}`, subject)
}
