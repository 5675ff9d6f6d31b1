/**
 * Texts of payments by wallet, and of memberships by tokens.
 */
import type { WalletPaymentsApi } from "../../WalletPaymentsApi.ts"
import { chain, quotedPayment, summary, usdc, walletPayment } from "../examples/Subscriptions.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const walletPaymentDocs: GroupDocs<typeof WalletPaymentsApi> = {
  description:
    "Payments from a wallet on a chain, and lifetime memberships by ERC-721 tokens. An order with the method `web3` has a payment; a quote states what to send.",
  operations: {
    quote: {
      summary: "Quote a payment by wallet",
      description:
        "Returns the payment with a quote: the exact amount, the wallet that has to pay, and the recipient. The price of a native currency holds for 15 minutes, the price of a stablecoin for one hour. A credit of the user counts first. An earlier quote can be paid until its own time limit. Exchanges do not pay from the wallet of the user, so such a transfer waits for the operator of the installation.",
      body: {
        fields: {
          chainId: "The chain (EIP-155), `8453` for Base.",
          asset: "The contract of an ERC-20 token, or `native` for the currency of the chain.",
          payer: "A linked wallet of the user. The default is the primary wallet."
        },
        example: { chainId: 8453, asset: usdc }
      },
      answers: { 200: { description: "The payment with its quote.", example: quotedPayment } }
    },
    submit: {
      summary: "Name the transaction of a payment",
      description:
        "Names the transaction that pays. The transaction is a hint only: the host reads the chain, and finds a payment without the hint as well.",
      body: {
        fields: { transactionHash: "The hash of the transaction, in lower-case hexadecimal." },
        example: { transactionHash: walletPayment.transfer.transactionHash }
      },
      answers: {
        200: {
          description: "The payment, and the state of the transaction.",
          fields: { payment: "The payment.", inspection: "The state of the transaction." },
          example: { payment: walletPayment, inspection: { state: "fits" } }
        }
      }
    },
    chains: {
      summary: "List the chains for payments by wallet",
      description:
        "Returns the chains and the assets with which users can pay. Empty if the installation accepts none.",
      answers: {
        200: {
          description: "The chains.",
          fields: { items: "The chains, in the order of the configuration." },
          example: { items: [chain] }
        }
      }
    },
    refreshMemberships: {
      summary: "Read the memberships of the wallets again",
      description:
        "Compares the memberships of the signed-in user with the tokens of the linked wallets, and the grants with the contract of the former system, where the installation has one.",
      answers: { 200: { description: "The subscription of the user.", example: summary } }
    },
    claimToken: {
      summary: "Claim a lifetime membership by a token",
      description:
        "Gives the signed-in user the lifetime membership of a token, if a linked wallet of the user owns the token at settling depth. Tokens that move while the host reads the chain need no claim.",
      body: {
        fields: {
          chainId: "The chain (EIP-155).",
          contract: "The ERC-721 contract.",
          tokenId: "The id of the token, as decimal digits."
        },
        example: { chainId: 8453, contract: "0x3333333333333333333333333333333333333333", tokenId: "42" }
      },
      answers: { 200: { description: "The subscription of the user.", example: summary } }
    }
  }
}
