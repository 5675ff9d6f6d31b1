import { MemoryIdentity, MemoryPresence } from "@dchat/adapters/memory"
import { presenceContract } from "../Presence.contract.ts"
import { realtimeTicketRepositoryContract } from "../RealtimeTicketRepository.contract.ts"
import { sessionRepositoryContract } from "../SessionRepository.contract.ts"
import { siweNonceRepositoryContract } from "../SiweNonceRepository.contract.ts"
import { userRepositoryContract } from "../UserRepository.contract.ts"

presenceContract("MemoryPresence", MemoryPresence.layer)
realtimeTicketRepositoryContract("MemoryRealtimeTicketRepository", MemoryIdentity.layer)
sessionRepositoryContract("MemorySessionRepository", MemoryIdentity.layer)
siweNonceRepositoryContract("MemorySiweNonceRepository", MemoryIdentity.layer)
userRepositoryContract("MemoryUserRepository", MemoryIdentity.layer)
