/**
 * All stored ports of payments on chains, in memory.
 */
import { Layer } from "effect"
import * as MemoryChainLedger from "./MemoryChainLedger.ts"
import * as MemoryQuotedPayments from "./MemoryQuotedPayments.ts"

export const layer = Layer.merge(MemoryChainLedger.layer, MemoryQuotedPayments.layer)
