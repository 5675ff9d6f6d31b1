import { MemoryUsageRepository } from "@dchat/adapters/memory"
import { usageRepositoryContract } from "@dchat/domain/contracts"

usageRepositoryContract("MemoryUsageRepository", MemoryUsageRepository.layer)
