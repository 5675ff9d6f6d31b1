import { MemoryIdentity, MemorySubscriptionRepository } from "@dchat/adapters/memory"
import { subscriptionRepositoryContract } from "@dchat/domain/contracts"
import { Layer } from "effect"

subscriptionRepositoryContract(
  "MemorySubscriptionRepository",
  Layer.merge(MemorySubscriptionRepository.layer, MemoryIdentity.layer)
)
