/**
 * Every port of identity in memory, but for the cryptography of wallets and what depends on the installation.
 */
import { Layer } from "effect"
import * as MemoryAccountTokenRepository from "./MemoryAccountTokenRepository.ts"
import * as MemoryIdentityBus from "./MemoryIdentityBus.ts"
import * as MemoryIdentityRepository from "./MemoryIdentityRepository.ts"
import { MemoryIdentityStore } from "./MemoryIdentityStore.ts"
import * as MemoryMergeTicketRepository from "./MemoryMergeTicketRepository.ts"
import * as MemoryNativeCodeRepository from "./MemoryNativeCodeRepository.ts"
import * as MemoryNativeFlowRepository from "./MemoryNativeFlowRepository.ts"
import * as MemoryOAuthFlowRepository from "./MemoryOAuthFlowRepository.ts"
import * as MemoryPresence from "./MemoryPresence.ts"
import * as MemoryRealtimeTicketRepository from "./MemoryRealtimeTicketRepository.ts"
import * as MemorySessionRepository from "./MemorySessionRepository.ts"
import * as MemorySiweNonceRepository from "./MemorySiweNonceRepository.ts"
import * as MemoryUserRepository from "./MemoryUserRepository.ts"

export const layer = Layer.mergeAll(
  MemoryAccountTokenRepository.layer,
  MemoryIdentityBus.layer,
  MemoryIdentityRepository.layer,
  MemoryMergeTicketRepository.layer,
  MemoryNativeCodeRepository.layer,
  MemoryNativeFlowRepository.layer,
  MemoryOAuthFlowRepository.layer,
  MemoryPresence.layer,
  MemoryRealtimeTicketRepository.layer,
  MemorySessionRepository.layer,
  MemorySiweNonceRepository.layer
).pipe(Layer.provideMerge(MemoryUserRepository.layer), Layer.provide(MemoryIdentityStore.layer))
