/**
 * Texts of wallets (EIP-4361): signing in, linking and unlinking.
 */
import type { WalletsApi } from "../../WalletsApi.ts"
import { addresses, ids, signature } from "../examples/Ids.ts"
import { me, meWithNextToken, meWithToken } from "../examples/Users.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const signedMessage = {
  nonceId: "The `nonceId` of the message. Any attempt uses the message up.",
  signature:
    "The signature of the message by `personal_sign`, in hexadecimal. Signatures of contract wallets may be long.",
  message: "The signed message. The member is optional; a given message must equal the message that the host issued."
}

const proof = { nonceId: ids.nonce, signature }

const message = [
  "localhost:3000 wants you to sign in with your Ethereum account:",
  "0x71C7656EC7ab88b098defB751B7401B5f6d8976F",
  "",
  "Sign in with this wallet. It costs nothing and moves no funds.",
  "",
  "URI: http://localhost:3000",
  "Version: 1",
  "Chain ID: 1",
  "Nonce: 5f0c1d2e3b4a59687786958473625140",
  "Issued At: 2026-01-15T11:57:30.000Z",
  "Expiration Time: 2026-01-15T12:02:30.000Z"
].join("\n")

export const walletDocs: GroupDocs<typeof WalletsApi> = {
  description:
    "Signing in with Ethereum wallets (EIP-4361), linking wallets to a user, and unlinking wallets. Contract wallets (EIP-1271, EIP-6492) work on the chains that the installation can query.",
  operations: {
    requestNonce: {
      summary: "Request a message to sign",
      description:
        "Issues a message for a wallet. The wallet signs the message without a change, within 5 minutes. For `link` and `reauth`, the request needs a session, and only that session can use the message.",
      security: "sessionOrNone",
      body: {
        fields: {
          address: "The address of the wallet, in any letter case.",
          chainId: "The chain of the wallet (EIP-155), `1` for Ethereum.",
          purpose:
            "`login` signs in and is the default. `link` adds the wallet to the signed-in user. `reauth` proves the identity of the signed-in user again."
        },
        example: { address: addresses.ann, chainId: 1, purpose: "login" }
      },
      answers: {
        200: {
          description: "The message to sign.",
          fields: {
            nonceId: "The id of the message, for the request that carries the signature.",
            message: "The complete message.",
            expiresIn: "The number of seconds for which the message can be used."
          },
          example: { nonceId: ids.nonce, message, expiresIn: 300 }
        }
      }
    },
    verify: {
      summary: "Sign in with a wallet",
      description:
        "Verifies the signature and opens a session. The first sign-in of a wallet registers a user. If the request has a session, that session ends. With the `purpose` `reauth`, the request instead proves the identity of the signed-in user again: the session stays and gets a new `authenticatedAt`.",
      security: "sessionOrNone",
      body: {
        fields: {
          ...signedMessage,
          purpose: "`login`, which is the default, or `reauth`; the same as in the request for the message.",
          transport:
            "`bearer`, which is the default, returns the token in the answer. `cookie` sets the session as a cookie and returns no token."
        },
        example: { ...proof, transport: "bearer" }
      },
      answers: { 200: { description: "The user and the session.", example: meWithToken } }
    },
    link: {
      summary: "Link a wallet",
      description:
        "Adds the wallet to the signed-in user, who may have up to 20. The last proof of identity must be at most 10 minutes old. The session gets a new token, and the other sessions of the user end. A wallet of another user is refused with `owned_by_other`; the problem then holds a ticket for `POST /auth/merge`, unless the other user cannot be merged.",
      body: { fields: signedMessage, example: proof },
      answers: { 200: { description: "The user with the wallet.", example: meWithNextToken } }
    },
    unlink: {
      summary: "Unlink a wallet",
      description:
        "Removes the wallet from the signed-in user. The last proof of identity must be at most 10 minutes old. The last way to sign in cannot be removed. The session gets a new token, and the other sessions of the user end.",
      body: { fields: { walletId: "The id of the wallet." }, example: { walletId: ids.wallet } },
      answers: { 200: { description: "The user without the wallet.", example: meWithNextToken } }
    },
    setPrimary: {
      summary: "Choose the primary wallet",
      description: "Makes one of the wallets of the signed-in user the primary wallet, which other users see.",
      body: { fields: { walletId: "The id of the wallet." }, example: { walletId: ids.wallet } },
      answers: { 200: { description: "The user after the change.", example: me } }
    }
  }
}
