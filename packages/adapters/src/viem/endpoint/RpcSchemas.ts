/**
 * The answers of nodes, decoded strictly (https://ethereum.github.io/execution-apis/). Hexadecimal becomes lower case.
 */
import { Bytes32 } from "@dchat/domain/subscription"
import { Schema, SchemaTransformation } from "effect"

const text = (pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern))

/** A number that is exact in JavaScript. */
export const Quantity = text(/^0x[0-9a-fA-F]{1,13}$/).pipe(
  Schema.decodeTo(
    Schema.Number,
    SchemaTransformation.transform({ decode: Number, encode: (value: number) => `0x${value.toString(16)}` })
  )
)

const Amount = text(/^0x[0-9a-fA-F]{1,64}$/).pipe(
  Schema.decodeTo(
    Schema.BigInt,
    SchemaTransformation.transform({ decode: BigInt, encode: (value: bigint) => `0x${value.toString(16)}` })
  )
)

export const Hash = text(/^0x[0-9a-fA-F]{64}$/).pipe(Schema.decodeTo(Bytes32, SchemaTransformation.toLowerCase()))

/** In lower case. The zero address is an address here. */
const Address = text(/^0x[0-9a-fA-F]{40}$/).pipe(Schema.decodeTo(Schema.String, SchemaTransformation.toLowerCase()))

export const Data = text(/^0x(?:[0-9a-fA-F]{2})*$/).pipe(
  Schema.decodeTo(Schema.String, SchemaTransformation.toLowerCase())
)

const Bloom = text(/^0x[0-9a-fA-F]{512}$/)

export const RpcLog = Schema.Struct({
  address: Address,
  topics: Schema.Array(Hash).check(Schema.isMaxLength(4)),
  data: Data,
  blockNumber: Quantity,
  blockHash: Hash,
  transactionHash: Hash,
  /** Among the logs of the block. */
  logIndex: Quantity,
  removed: Schema.optional(Schema.NullOr(Schema.Boolean))
})
export type RpcLog = typeof RpcLog.Type

export const RpcReceipt = Schema.Struct({
  transactionHash: Hash,
  blockNumber: Quantity,
  blockHash: Hash,
  status: Quantity.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  to: Schema.NullOr(Address),
  logs: Schema.Array(RpcLog)
})
export type RpcReceipt = typeof RpcReceipt.Type

export const RpcTransaction = Schema.Struct({
  hash: Hash,
  from: Address,
  to: Schema.NullOr(Address),
  value: Amount
})
export type RpcTransaction = typeof RpcTransaction.Type

const block = {
  number: Quantity,
  hash: Hash,
  parentHash: Hash,
  /** In seconds since 1970. */
  timestamp: Quantity
}

export const RpcHeader = Schema.Struct({ ...block, logsBloom: Bloom })
export type RpcHeader = typeof RpcHeader.Type

/** With the hashes of the transactions. */
export const RpcBlock = Schema.Struct({ ...block, transactions: Schema.Array(Hash) })

/** With the transactions. */
export const RpcFullBlock = Schema.Struct({ ...block, transactions: Schema.Array(RpcTransaction) })
export type RpcFullBlock = typeof RpcFullBlock.Type
