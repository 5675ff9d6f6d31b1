/**
 * Texts of the authorisation of renewals.
 */
import type { SchemaDocs } from "../SchemaDocs.ts"

export const renewalSchemas: Readonly<Record<string, SchemaDocs>> = {
  RenewalAuthorization: {
    description: "The operator may take the price of each renewal from a wallet of the user.",
    fields: {
      kind: "`allowance`: by an allowance of the token. `permit2`: by an allowance of the contract Permit2.",
      chainId: "The chain (EIP-155).",
      asset: "The contract of the token.",
      payer: "The linked wallet that pays.",
      spender: "The charging account of the operator.",
      since: "The time of the authorisation."
    }
  },
  RenewalWarning: {
    description: "A charge that would have failed when it was tried out.",
    fields: {
      reason:
        "`allowance`: the allowance is too low or has expired. `balance`: the wallet has too little. `blocked`: the token refuses the transfer. `paused`: the token refuses all transfers. `unavailable`: the chain did not answer, or the token is not accepted any more.",
      endsAt: "The end of the period that has to be renewed.",
      since: "The time of the warning."
    }
  },
  AuthorizationInstructions: {
    description: "What a wallet has to send or to sign so that the operator can charge.",
    fields: {
      spender: "The charging account of the operator.",
      amount: "The allowance in base units.",
      transactions: "The transactions that the wallet sends, in this order.",
      permit: "The permit that the wallet can sign in place of the last transaction. Absent if the token knows none.",
      revocation: "The transaction that takes the allowance back."
    }
  },
  GrantTransaction: {
    description: "A transaction that a wallet sends.",
    fields: {
      purpose:
        "`reset`: sets an allowance to zero, because some tokens change an allowance only from zero. `approve`: allows the spender, or the contract Permit2. `approve_permit2`: allows the spender at the contract Permit2. `revoke`: takes the allowance back.",
      to: "The contract.",
      data: "The call of the contract, in hexadecimal."
    }
  },
  PermitOffer: {
    description: "An allowance that a wallet can sign.",
    fields: {
      typedData: "The typed data (EIP-712) for `eth_signTypedData_v4`.",
      deadline: "The time until which the operator can send the permit, in seconds since 1970.",
      expiration: "The time until which the allowance holds, in seconds since 1970. Permit2 only.",
      nonce: "The number of the permit. Permit2 only."
    }
  },
  TypedData: {
    description: "Typed structured data (EIP-712).",
    fields: {
      domain: "The domain.",
      types: "The types.",
      primaryType: "The type of the message.",
      message: "The message. Large numbers are decimal digits."
    }
  }
}
