/**
 * Texts of renewals by authorisation.
 */
import type { RenewalsApi } from "../../RenewalsApi.ts"
import { authorizedSummary, instructions, summary, usdc } from "../examples/Subscriptions.ts"
import type { GroupDocs } from "../OperationDocs.ts"

const wish = {
  kind: "`allowance`: an allowance of the token (ERC-20). `permit2`: an allowance of the contract Permit2.",
  chainId: "The chain (EIP-155), `8453` for Base.",
  asset: "The contract of an accepted ERC-20 token.",
  payer: "A linked wallet of the user."
}

const example = {
  kind: "allowance",
  chainId: 8453,
  asset: usdc,
  payer: "0x1111111111111111111111111111111111111111"
} as const

export const renewalDocs: GroupDocs<typeof RenewalsApi> = {
  description:
    "Renewals that the operator charges from a wallet of the user. The user allows the charging account of the operator to take a token. The operator charges a day before the end of each period.",
  operations: {
    instructions: {
      summary: "Get the steps of an authorisation",
      description:
        "Returns the transactions that the wallet has to send, in their order, and the permit that the wallet can sign in place of the last transaction. Without transactions and without a permit, the allowance is there already. The revocation takes the allowance back.",
      body: {
        fields: { ...wish, periods: "The number of periods that the allowance covers. The default is 12." },
        example: { ...example, periods: 12 }
      },
      answers: { 200: { description: "What to send or to sign.", example: instructions } }
    },
    authorize: {
      summary: "Authorise the charge of renewals",
      description:
        "Lets the operator charge the renewals of the live subscription, after the wallet has sent the transactions of the instructions. The request fails if a charge would fail because of the allowance. An authorisation ends with a cancellation, with the subscription, and if the user unlinks the wallet.",
      body: { fields: wish, example },
      answers: { 200: { description: "The subscription of the user.", example: authorizedSummary } }
    },
    permit: {
      summary: "Authorise the charge of renewals by a signed permit",
      description:
        "As `authorize`, with a permit (EIP-2612, or Permit2) that the wallet has signed. The operator sends the permit to the chain and pays for that, so a subscription has at most five permits. A permit that somebody else has sent already does no harm.",
      body: {
        fields: {
          ...wish,
          amount: "The allowance of the instructions, in base units.",
          deadline: "The deadline of the instructions, in seconds since 1970.",
          expiration: "The expiration of the instructions. Permit2 only.",
          nonce: "The nonce of the instructions. Permit2 only.",
          signature: "The signature of the typed data, in hexadecimal."
        },
        example: {
          ...example,
          amount: instructions.amount,
          deadline: instructions.permit.deadline,
          signature: `0x${"1".repeat(128)}1b`
        }
      },
      answers: { 200: { description: "The subscription of the user.", example: authorizedSummary } }
    },
    revoke: {
      summary: "End the authorisation of renewals",
      description:
        "Ends the authorisation. A charge that is not in a block yet is withdrawn. The allowance on the chain stays until the wallet sends the revocation of the instructions.",
      answers: { 200: { description: "The subscription of the user.", example: summary } }
    }
  }
}
