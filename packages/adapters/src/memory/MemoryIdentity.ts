/**
 * Every port of identity in memory, but for the cryptography of wallets.
 */
import { Layer } from "effect"
import * as MemoryPresence from "./MemoryPresence.ts"
import * as MemoryRealtimeTicketRepository from "./MemoryRealtimeTicketRepository.ts"
import * as MemorySessionRepository from "./MemorySessionRepository.ts"
import * as MemorySiweNonceRepository from "./MemorySiweNonceRepository.ts"
import * as MemoryUserRepository from "./MemoryUserRepository.ts"

export const layer = Layer.mergeAll(
  MemoryPresence.layer,
  MemoryRealtimeTicketRepository.layer,
  MemorySessionRepository.layer,
  MemorySiweNonceRepository.layer
).pipe(Layer.provideMerge(MemoryUserRepository.layer))
