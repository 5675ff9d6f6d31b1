/**
 * The authorisation by which dchat charges the renewals of a subscription that dchat bills.
 */
import { Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"

/** `allowance`: an allowance of ERC-20. `permit2`: an allowance of the contract Permit2. */
export const AuthorizationKind = Schema.Literals(["allowance", "permit2"])
export type AuthorizationKind = typeof AuthorizationKind.Type

/** Allows one account to take one token from one wallet. */
export const AuthorizationTerms = Schema.Struct({
  kind: AuthorizationKind,
  chainId: ChainId,
  /** The ERC-20 contract. */
  asset: WalletAddress,
  /** The linked wallet that pays. */
  payer: WalletAddress,
  /** The charging account of the operator. */
  spender: WalletAddress
})
export type AuthorizationTerms = typeof AuthorizationTerms.Type

export const Authorization = Schema.Struct({ ...AuthorizationTerms.fields, since: Schema.DateTimeUtc })
export type Authorization = typeof Authorization.Type

/** Why an authorisation ended. `ended`: the subscription is over. `cancelled`: it ends with its period, or was ended. */
export const AuthorizationEnd = Schema.Literals(["user", "cancelled", "ended", "lifetime", "unlinked", "deleted"])
export type AuthorizationEnd = typeof AuthorizationEnd.Type

/**
 * Why a charge would fail. `allowance`: the allowance is too low, or has expired. `balance`: the wallet has too little.
 * `blocked`: the token refuses the transfer. `paused`: the token refuses all transfers. `unavailable`: the chain does
 * not answer, or the token is not accepted any more.
 */
export const ChargeFault = Schema.Literals(["allowance", "balance", "blocked", "paused", "unavailable"])
export type ChargeFault = typeof ChargeFault.Type

/** The user was told that the renewal at `endsAt` would fail. */
export const RenewalWarning = Schema.Struct({
  reason: ChargeFault,
  endsAt: Schema.DateTimeUtc,
  since: Schema.DateTimeUtc
})
export type RenewalWarning = typeof RenewalWarning.Type

export const isSameAuthorization = (one: AuthorizationTerms, other: AuthorizationTerms): boolean =>
  one.kind === other.kind && one.chainId === other.chainId && one.asset === other.asset &&
  one.payer === other.payer && one.spender === other.spender
