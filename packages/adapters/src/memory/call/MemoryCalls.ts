/**
 * All ports of calls with state, in memory.
 */
import { Layer } from "effect"
import * as MemoryIdempotencyKeys from "../idempotency/MemoryIdempotencyKeys.ts"
import * as MemoryCallBus from "./MemoryCallBus.ts"
import * as MemoryCallLeases from "./MemoryCallLeases.ts"
import * as MemoryCallRepository from "./MemoryCallRepository.ts"
import { MemoryCallStore } from "./MemoryCallStore.ts"
import * as MemoryFinishedCalls from "./MemoryFinishedCalls.ts"

export const layer = Layer.mergeAll(
  MemoryCallBus.layer,
  MemoryCallLeases.layer,
  MemoryCallRepository.layer,
  MemoryFinishedCalls.layer
).pipe(Layer.provideMerge([MemoryCallStore.layer, MemoryIdempotencyKeys.layer]))
