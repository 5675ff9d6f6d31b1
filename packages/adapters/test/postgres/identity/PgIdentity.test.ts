import { PgIdentity } from "@dchat/adapters/postgres"
import {
  accountTokenRepositoryContract,
  identityRepositoryContract,
  sessionRepositoryContract,
  singleUseContract,
  userRepositoryContract
} from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  const subject = PgIdentity.layer.pipe(Layer.provide(layer))

  accountTokenRepositoryContract(`PgAccountTokenRepository on ${name}`, subject)
  identityRepositoryContract(`PgIdentityRepository on ${name}`, subject, { takesBack: true })
  sessionRepositoryContract(`PgSessionRepository on ${name}`, subject)
  singleUseContract(`PgSingleUse on ${name}`, subject)
  userRepositoryContract(`PgUserRepository on ${name}`, subject)
}
