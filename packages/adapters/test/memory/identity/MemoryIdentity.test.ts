import { MemoryIdentity, MemoryPresence } from "@dchat/adapters/memory"
import { accountTokenRepositoryContract } from "../../AccountTokenRepository.contract.ts"
import { flowsContract } from "../../Flows.contract.ts"
import { identityRepositoryContract } from "../../IdentityRepository.contract.ts"
import { presenceContract } from "../../Presence.contract.ts"
import { realtimeTicketRepositoryContract } from "../../RealtimeTicketRepository.contract.ts"
import { sessionRepositoryContract } from "../../SessionRepository.contract.ts"
import { siweNonceRepositoryContract } from "../../SiweNonceRepository.contract.ts"
import { userRepositoryContract } from "../../UserRepository.contract.ts"

accountTokenRepositoryContract("MemoryAccountTokenRepository", MemoryIdentity.layer)
flowsContract("in memory", MemoryIdentity.layer)
identityRepositoryContract("MemoryIdentityRepository", MemoryIdentity.layer, { takesBack: false })
presenceContract("MemoryPresence", MemoryPresence.layer)
realtimeTicketRepositoryContract("MemoryRealtimeTicketRepository", MemoryIdentity.layer)
sessionRepositoryContract("MemorySessionRepository", MemoryIdentity.layer)
siweNonceRepositoryContract("MemorySiweNonceRepository", MemoryIdentity.layer)
userRepositoryContract("MemoryUserRepository", MemoryIdentity.layer)
