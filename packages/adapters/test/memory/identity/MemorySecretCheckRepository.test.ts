import { MemorySecretCheckRepository } from "@dchat/adapters/memory"
import { secretCheckRepositoryContract } from "@dchat/domain/contracts"

secretCheckRepositoryContract("MemorySecretCheckRepository", MemorySecretCheckRepository.layer)
