/**
 * The authorisation of renewals, and what a user has to sign or to send for it, as clients see them.
 */
import { ChainId } from "@dchat/domain/identity"
import {
  type AuthorizationWish,
  type GrantInstructions,
  type GrantTransaction,
  HexBytes,
  SignedPermit
} from "@dchat/domain/onchain"
import {
  type Authorization,
  AuthorizationKind,
  type AuthorizationTerms,
  ChargeFault,
  type RenewalWarning
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { Address, addressOf } from "./QuoteWishView.ts"
import { Time } from "./Time.ts"

const terms = { kind: AuthorizationKind, chainId: ChainId, asset: Schema.String, payer: Schema.String }

export const AuthorizationView = Schema.Struct({ ...terms, spender: Schema.String, since: Time }).annotate({
  identifier: "RenewalAuthorization"
})

export const authorizationViewOf = (authorization: Authorization): typeof AuthorizationView.Type => authorization

export const RenewalWarningView = Schema.Struct({ reason: ChargeFault, endsAt: Time, since: Time }).annotate({
  identifier: "RenewalWarning"
})

export const warningViewOf = (warning: RenewalWarning): typeof RenewalWarningView.Type => warning

/** The way, the token and the linked wallet by which the user lets the operator charge. */
export const authorizationWish = {
  kind: AuthorizationKind,
  chainId: ChainId,
  /** The ERC-20 contract. */
  asset: Address,
  /** A linked wallet of the user. */
  payer: Address
}

export const authorizationWishOf = (
  { asset, chainId, kind, payer }: Schema.Struct.Type<typeof authorizationWish>
): AuthorizationWish => ({ kind, chainId, asset: addressOf(asset), payer: addressOf(payer) })

const GrantTransactionView = Schema.Struct({
  purpose: Schema.Literals(["reset", "approve", "approve_permit2", "revoke"]),
  to: Schema.String,
  data: HexBytes
}).annotate({ identifier: "GrantTransaction" })

/** Without the amount, which goes as decimal digits. */
const { amount: _, ...permitFields } = SignedPermit.fields

const PermitOfferView = Schema.Struct({
  /** For `eth_signTypedData_v4`. */
  typedData: Schema.Struct({
    domain: Schema.Record(Schema.String, Schema.Unknown),
    types: Schema.Record(Schema.String, Schema.Unknown),
    primaryType: Schema.String,
    message: Schema.Record(Schema.String, Schema.Unknown)
  }).annotate({ identifier: "TypedData" }),
  deadline: permitFields.deadline,
  expiration: permitFields.expiration,
  nonce: permitFields.nonce
}).annotate({ identifier: "PermitOffer" })

export const InstructionsView = Schema.Struct({
  spender: Schema.String,
  /** The allowance in base units. */
  amount: Schema.String,
  /** To be sent in this order. */
  transactions: Schema.Array(GrantTransactionView),
  permit: Schema.optionalKey(PermitOfferView),
  revocation: GrantTransactionView
}).annotate({ identifier: "AuthorizationInstructions" })

const transactionViewOf = ({ data, purpose, to }: GrantTransaction) => ({ data, purpose, to })

export const instructionsViewOf = (
  { amount, permit, revocation, terms, transactions }: GrantInstructions & { readonly terms: AuthorizationTerms }
): typeof InstructionsView.Type => ({
  spender: terms.spender,
  amount: String(amount),
  transactions: transactions.map(transactionViewOf),
  ...(permit && {
    permit: {
      typedData: permit.typedData,
      deadline: permit.deadline,
      ...(permit.expiration !== undefined && { expiration: permit.expiration }),
      ...(permit.nonce !== undefined && { nonce: permit.nonce })
    }
  }),
  revocation: transactionViewOf(revocation)
})

/** A signed permit of the instructions. */
export const signedPermit = {
  ...permitFields,
  /** The allowance in base units. */
  amount: Schema.String.check(Schema.isPattern(/^\d{1,78}$/u)),
  signature: Schema.String.check(Schema.isPattern(/^0x(?:[0-9a-fA-F]{2}){1,2047}$/u))
}

export const signedPermitOf = (
  { amount, deadline, expiration, nonce, signature }: Schema.Struct.Type<typeof signedPermit>
): SignedPermit => ({
  amount: BigInt(amount),
  deadline,
  ...(expiration !== undefined && { expiration }),
  ...(nonce !== undefined && { nonce }),
  signature: HexBytes.make(signature.toLowerCase())
})
