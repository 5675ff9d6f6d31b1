import { PgIdentity } from "@dchat/adapters/postgres"
import { Layer } from "effect"
import { accountTokenRepositoryContract } from "../../AccountTokenRepository.contract.ts"
import { flowsContract } from "../../Flows.contract.ts"
import { identityRepositoryContract } from "../../IdentityRepository.contract.ts"
import { realtimeTicketRepositoryContract } from "../../RealtimeTicketRepository.contract.ts"
import { sessionRepositoryContract } from "../../SessionRepository.contract.ts"
import { siweNonceRepositoryContract } from "../../SiweNonceRepository.contract.ts"
import { backends } from "../../support/TestDatabase.ts"
import { userRepositoryContract } from "../../UserRepository.contract.ts"

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
