import { MemoryIdentity, MemoryPresence } from "@dchat/adapters/memory"
import {
  accountTokenRepositoryContract,
  identityRepositoryContract,
  presenceContract,
  sessionRepositoryContract,
  singleUseContract,
  userRepositoryContract
} from "@dchat/domain/contracts"

accountTokenRepositoryContract("MemoryAccountTokenRepository", MemoryIdentity.layer)
identityRepositoryContract("MemoryIdentityRepository", MemoryIdentity.layer, { takesBack: false })
presenceContract("MemoryPresence", MemoryPresence.layer)
sessionRepositoryContract("MemorySessionRepository", MemoryIdentity.layer)
singleUseContract("MemorySingleUse", MemoryIdentity.layer)
userRepositoryContract("MemoryUserRepository", MemoryIdentity.layer)
