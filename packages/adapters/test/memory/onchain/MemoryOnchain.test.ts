import {
  MemoryChainLedger,
  MemoryChargeJournal,
  MemoryIdentity,
  MemoryQuotedPayments,
  MemorySubscriptionRepository
} from "@dchat/adapters/memory"
import { chainLedgerContract, chargeJournalContract, quotedPaymentsContract } from "@dchat/domain/contracts"
import { Layer } from "effect"

chainLedgerContract("MemoryChainLedger", MemoryChainLedger.layer)

quotedPaymentsContract(
  "MemoryQuotedPayments",
  Layer.merge(
    MemoryQuotedPayments.layer.pipe(Layer.provideMerge(MemorySubscriptionRepository.layer)),
    MemoryIdentity.layer
  )
)

chargeJournalContract("MemoryChargeJournal", MemoryChargeJournal.layer)
