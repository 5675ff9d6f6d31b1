import { MemoryIdentity, MemoryPresence } from "@dchat/adapters/memory"
import {
  accountTokenRepositoryContract,
  flowsContract,
  identityRepositoryContract,
  presenceContract,
  realtimeTicketRepositoryContract,
  sessionRepositoryContract,
  siweNonceRepositoryContract,
  userRepositoryContract
} from "@dchat/domain/contracts"

accountTokenRepositoryContract("MemoryAccountTokenRepository", MemoryIdentity.layer)
flowsContract("in memory", MemoryIdentity.layer)
identityRepositoryContract("MemoryIdentityRepository", MemoryIdentity.layer, { takesBack: false })
presenceContract("MemoryPresence", MemoryPresence.layer)
realtimeTicketRepositoryContract("MemoryRealtimeTicketRepository", MemoryIdentity.layer)
sessionRepositoryContract("MemorySessionRepository", MemoryIdentity.layer)
siweNonceRepositoryContract("MemorySiweNonceRepository", MemoryIdentity.layer)
userRepositoryContract("MemoryUserRepository", MemoryIdentity.layer)
