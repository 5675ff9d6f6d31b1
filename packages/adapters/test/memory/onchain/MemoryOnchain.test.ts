import {
  MemoryChainLedger,
  MemoryIdentity,
  MemoryQuotedPayments,
  MemorySubscriptionRepository
} from "@dchat/adapters/memory"
import { chainLedgerContract, quotedPaymentsContract } from "@dchat/domain/contracts"
import { Layer } from "effect"

chainLedgerContract("MemoryChainLedger", MemoryChainLedger.layer)

quotedPaymentsContract(
  "MemoryQuotedPayments",
  Layer.merge(
    MemoryQuotedPayments.layer.pipe(Layer.provideMerge(MemorySubscriptionRepository.layer)),
    MemoryIdentity.layer
  )
)
