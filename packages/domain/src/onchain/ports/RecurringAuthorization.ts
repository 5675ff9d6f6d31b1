/**
 * Port: the charging account of the operator, which takes renewals from wallets that have authorised it.
 */
import { Context, type DateTime, Effect, Layer } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { AuthorizationTerms, Bytes32, ChargeFault } from "../../subscription/index.ts"
import type { Chain } from "../model/Chain.ts"
import { ChargingUnavailable, NotSigned } from "../model/ChargingErrors.ts"
import type {
  ChargeAction,
  GasFees,
  HexBytes,
  OperatorAction,
  PermitAction,
  SignedTransaction,
  TransactionOutcome
} from "../model/OperatorTransaction.ts"

/** A transaction that the user sends. `reset`: some tokens change an allowance only from zero. */
export interface GrantTransaction {
  readonly purpose: "reset" | "approve" | "approve_permit2" | "revoke"
  readonly to: WalletAddress
  readonly data: HexBytes
}

/** EIP-712 typed data as JSON, as `eth_signTypedData_v4` takes it. */
export interface TypedData {
  readonly domain: Readonly<Record<string, string | number>>
  readonly types: Readonly<Record<string, ReadonlyArray<{ readonly name: string; readonly type: string }>>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** The messages that the user signs, and the transactions that the user sends. */
export interface GrantInstructions {
  readonly amount: bigint
  /** To be sent in this order. Empty if the chain has the allowance already. */
  readonly transactions: ReadonlyArray<GrantTransaction>
  /** To be signed, in place of the last transaction. Absent if the token knows no permits. */
  readonly permit?: {
    readonly typedData: TypedData
    readonly deadline: number
    readonly expiration?: number | undefined
    readonly nonce?: number | undefined
  } | undefined
  /** Takes the allowance back. */
  readonly revocation: GrantTransaction
}

export class RecurringAuthorization extends Context.Service<RecurringAuthorization, {
  /** The charging account; undefined if the installation has none. */
  readonly account: WalletAddress | undefined
  /** The steps of the user, after which the charging account can take this amount in all until this time. */
  instructions(
    terms: AuthorizationTerms,
    amount: bigint,
    until: DateTime.Utc
  ): Effect.Effect<GrantInstructions, ChargingUnavailable>
  /** Tries the charge out on the newest block. Undefined if it would work. */
  faultOf(chainId: ChainId, charge: ChargeAction): Effect.Effect<ChargeFault | undefined>
  /** Whether the token would accept the permit now. */
  isAccepted(chainId: ChainId, permit: PermitAction): Effect.Effect<boolean, ChargingUnavailable>
  /** The number of transactions of the charging account, by the newest block and by the block at final depth. */
  count(chain: Chain): Effect.Effect<{ readonly latest: number; readonly final: number }, ChargingUnavailable>
  /** Signs a transaction of the charging account. `above`: it has to replace a transaction with these fees. */
  sign(
    chainId: ChainId,
    action: OperatorAction,
    how: { readonly nonce: number; readonly above?: GasFees | undefined }
  ): Effect.Effect<SignedTransaction, NotSigned>
  /** Gives the bytes to the nodes. A failure says nothing about the outcome. */
  send(chainId: ChainId, raw: HexBytes): Effect.Effect<void, ChargingUnavailable>
  /** `unknown` only if no node that answers knows the transaction. */
  outcome(chain: Chain, hash: Bytes32): Effect.Effect<TransactionOutcome, ChargingUnavailable>
}>()("@dchat/domain/onchain/RecurringAuthorization") {
  /** For an installation without a charging account. */
  static readonly layerNone = Layer.succeed(RecurringAuthorization, {
    account: undefined,
    instructions: () => Effect.fail(new ChargingUnavailable()),
    faultOf: () => Effect.succeed("unavailable"),
    isAccepted: () => Effect.fail(new ChargingUnavailable()),
    count: () => Effect.fail(new ChargingUnavailable()),
    sign: () => Effect.fail(new NotSigned({ reason: "unavailable" })),
    send: () => Effect.fail(new ChargingUnavailable()),
    outcome: () => Effect.fail(new ChargingUnavailable())
  })
}
