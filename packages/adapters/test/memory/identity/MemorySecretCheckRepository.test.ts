import { MemorySecretCheckRepository } from "@dchat/adapters/memory"
import { secretCheckRepositoryContract } from "../../SecretCheckRepository.contract.ts"

secretCheckRepositoryContract("MemorySecretCheckRepository", MemorySecretCheckRepository.layer)
