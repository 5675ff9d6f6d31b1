/**
 * A transaction of the charging account: what it does, its signed bytes, and how it went.
 */
import { Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { AuthorizationKind, BaseUnits, Bytes32, PurchaseId, type TransferStage } from "../../subscription/index.ts"

/** Bytes: `0x` and lower-case hexadecimal digits. */
export const HexBytes = Schema.String.check(Schema.isPattern(/^0x(?:[0-9a-f]{2})*$/u)).pipe(Schema.brand("HexBytes"))
export type HexBytes = typeof HexBytes.Type

/** An allowance that a user has signed. */
export const SignedPermit = Schema.Struct({
  /** The allowed amount in base units. */
  amount: BaseUnits,
  /** Until when the permit can be handed in, in seconds since 1970. */
  deadline: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 48 })),
  /** Until when the allowance holds, in seconds since 1970. Permit2 only. */
  expiration: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 48 - 1 }))),
  /** Permit2 only. */
  nonce: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 48 - 1 }))),
  /** 65 bytes of an externally owned account, or what a contract wallet accepts (EIP-1271) by Permit2. */
  signature: HexBytes.check(Schema.isMaxLength(4096))
})
export type SignedPermit = typeof SignedPermit.Type

export const OperatorAction = Schema.TaggedUnion({
  /** Takes an amount from a wallet by its authorisation. */
  Charge: {
    kind: AuthorizationKind,
    token: WalletAddress,
    payer: WalletAddress,
    recipient: WalletAddress,
    amount: BaseUnits
  },
  /** Hands in an allowance that the user has signed. */
  Permit: { kind: AuthorizationKind, token: WalletAddress, payer: WalletAddress, permit: SignedPermit },
  /** Does nothing, in place of a transaction that must not happen any more. */
  Void: {}
})
export type OperatorAction = typeof OperatorAction.Type
export type ChargeAction = Extract<OperatorAction, { readonly _tag: "Charge" }>
export type PermitAction = Extract<OperatorAction, { readonly _tag: "Permit" }>

/** The fees of a transaction in wei for each unit of gas. Without a tip, the chain has no EIP-1559. */
export const GasFees = Schema.Struct({ most: BaseUnits, tip: Schema.optionalKey(BaseUnits) })
export type GasFees = typeof GasFees.Type

export const SignedTransaction = Schema.Struct({
  raw: HexBytes,
  hash: Bytes32,
  fees: GasFees,
  /** The transaction does nothing. */
  isVoid: Schema.optionalKey(Schema.Literal(true)),
  signedAt: Schema.DateTimeUtc
})
export type SignedTransaction = typeof SignedTransaction.Type

/**
 * `open`: the transaction may still be included. The other states are final. `succeeded` and `failed`: by a block that is
 * final. `voided`: a transaction that does nothing took its place. `superseded`: a foreign transaction used its nonce.
 */
export const OperatorTransactionState = Schema.Literals(["open", "succeeded", "failed", "voided", "superseded"])
export type OperatorTransactionState = typeof OperatorTransactionState.Type

/** The charging account on one chain. Its transactions are numbered without gaps. */
export interface ChargeLane {
  readonly chainId: ChainId
  readonly account: WalletAddress
}

export const OperatorTransaction = Schema.Struct({
  chainId: ChainId,
  account: WalletAddress,
  nonce: Schema.Int,
  /** The payment of a charge, or the number of a permit. At most one transaction of a key is open or has succeeded. */
  key: Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,100}$/u)),
  purchaseId: PurchaseId,
  action: OperatorAction,
  /** Oldest first. All have the same nonce, so at most one of them is included. */
  signed: Schema.NonEmptyArray(SignedTransaction),
  state: OperatorTransactionState,
  recordedAt: Schema.DateTimeUtc,
  closedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type OperatorTransaction = typeof OperatorTransaction.Type

/** The state of one signed transaction, by the nodes. `included` and `reverted`: in a block of this stage. */
export type TransactionOutcome =
  | { readonly _tag: "unknown" | "pending" }
  | { readonly _tag: "included" | "reverted"; readonly stage: TransferStage }
