/**
 * All stored ports of payments on chains, in Postgres.
 */
import { Layer } from "effect"
import * as PgChainLedger from "./PgChainLedger.ts"
import * as PgChargeJournal from "./PgChargeJournal.ts"
import * as PgQuotedPayments from "./PgQuotedPayments.ts"

export const layer = Layer.mergeAll(PgChainLedger.layer, PgChargeJournal.layer, PgQuotedPayments.layer)
