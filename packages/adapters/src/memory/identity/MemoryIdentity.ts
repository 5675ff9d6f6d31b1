/**
 * All ports of identity in memory, except the cryptography of wallets and the ports that depend on the installation.
 */
import { Layer } from "effect"
import * as MemoryAccountTokenRepository from "./MemoryAccountTokenRepository.ts"
import * as MemoryIdentityBus from "./MemoryIdentityBus.ts"
import * as MemoryIdentityRepository from "./MemoryIdentityRepository.ts"
import { MemoryIdentityStore } from "./MemoryIdentityStore.ts"
import * as MemoryPresence from "./MemoryPresence.ts"
import * as MemorySessionRepository from "./MemorySessionRepository.ts"
import * as MemorySingleUse from "./MemorySingleUse.ts"
import * as MemoryUserRepository from "./MemoryUserRepository.ts"

export const layer = Layer.mergeAll(
  MemoryAccountTokenRepository.layer,
  MemoryIdentityBus.layer,
  MemoryIdentityRepository.layer,
  MemoryPresence.layer,
  MemorySessionRepository.layer,
  MemorySingleUse.layer
).pipe(Layer.provideMerge(MemoryUserRepository.layer), Layer.provide(MemoryIdentityStore.layer))
