import { MemoryIdentity, MemorySubscriptionRepository } from "@dchat/adapters/memory"
import { Layer } from "effect"
import { subscriptionRepositoryContract } from "../../SubscriptionRepository.contract.ts"

subscriptionRepositoryContract(
  "MemorySubscriptionRepository",
  Layer.merge(MemorySubscriptionRepository.layer, MemoryIdentity.layer)
)
