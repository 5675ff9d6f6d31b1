/**
 * The number of an EVM chain.
 */
import { Schema } from "effect"

/** An EIP-155 chain id, such as 1 for Ethereum. */
export const ChainId = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("ChainId"))
export type ChainId = typeof ChainId.Type
