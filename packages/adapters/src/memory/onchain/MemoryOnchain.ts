/**
 * All stored ports of payments on chains, in memory.
 */
import { Layer } from "effect"
import * as MemoryChainLedger from "./MemoryChainLedger.ts"
import * as MemoryChargeJournal from "./MemoryChargeJournal.ts"
import * as MemoryQuotedPayments from "./MemoryQuotedPayments.ts"

export const layer = Layer.mergeAll(MemoryChainLedger.layer, MemoryChargeJournal.layer, MemoryQuotedPayments.layer)
