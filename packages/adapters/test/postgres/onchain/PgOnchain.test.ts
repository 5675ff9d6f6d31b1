import { PgIdentity, PgOnchain, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { chainLedgerContract, chargeJournalContract, quotedPaymentsContract } from "@dchat/domain/contracts"
import { Layer } from "effect"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer, name } of backends) {
  const ports = Layer.mergeAll(PgOnchain.layer, PgSubscriptionRepository.layer, PgIdentity.layer).pipe(
    Layer.provide(layer)
  )
  chainLedgerContract(`PgChainLedger on ${name}`, ports)
  chargeJournalContract(`PgChargeJournal on ${name}`, ports)
  quotedPaymentsContract(`PgQuotedPayments on ${name}`, ports)
}
