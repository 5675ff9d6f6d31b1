import { MemoryUsageRepository } from "@dchat/adapters/memory"
import { usageRepositoryContract } from "../../UsageRepository.contract.ts"

usageRepositoryContract("MemoryUsageRepository", MemoryUsageRepository.layer)
