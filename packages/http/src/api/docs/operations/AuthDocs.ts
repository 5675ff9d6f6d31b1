/**
 * Texts of the signed-in user: profile, sessions, activity and merging.
 */
import type { AuthApi } from "../../AuthApi.ts"
import { ids, tokens } from "../examples/Ids.ts"
import { me, meWithNextToken, session } from "../examples/Users.ts"
import type { GroupDocs } from "../OperationDocs.ts"

const token = "The new token. Only in answers to clients that sent a bearer token; browsers get a new cookie."

const proof = "The last proof of identity must be at most 10 minutes old; otherwise the host returns `reauth_required`."

export const authDocs: GroupDocs<typeof AuthApi> = {
  description:
    "The signed-in user: profile, sessions and activity. This group also merges two users of one human. The groups `wallets`, `linkedin` and `native` have the operations for signing in.",
  operations: {
    me: {
      summary: "Retrieve the signed-in user",
      description: "Returns the signed-in user and the session of the request.",
      answers: { 200: { description: "The user and the session.", example: me } }
    },
    editProfile: {
      summary: "Update the profile",
      description:
        "Changes the display name and the lines about work. Members that are left out stay as they are. The host normalizes texts (NFC, plain spaces) and refuses names that are blank, look like the address of a wallet or are reserved.",
      body: {
        fields: {
          displayName: "The name that other users see.",
          company: "The company. An empty text removes the line.",
          position: "The position. An empty text removes the line."
        },
        example: { displayName: "Ann Example", position: "Engineer" }
      },
      answers: { 200: { description: "The user after the change.", example: me } }
    },
    deleteMe: {
      summary: "Delete the signed-in user",
      description:
        `Deletes the user and all personal data for good, ends all sessions and stops the billing of subscriptions. ${proof}`,
      answers: { 204: { description: "The user is deleted." } }
    },
    activity: {
      summary: "List the activity",
      description:
        "Returns the events of the identity of the signed-in user, such as sign-ins and linked wallets, page by page.",
      answers: {
        200: {
          description: "One page of the activity.",
          fields: {
            items: "The entries, newest first.",
            nextCursor: "The `cursor` of the next page. Absent on the last page."
          },
          example: {
            items: [{
              seq: 2,
              at: session.createdAt,
              type: "SignedIn",
              method: "wallet",
              by: { type: "you", sessionId: ids.session, address: session.address }
            }],
            nextCursor: "2"
          }
        }
      }
    },
    sessions: {
      summary: "List the sessions",
      description: "Returns the live sessions of the signed-in user.",
      answers: {
        200: {
          description: "The live sessions.",
          fields: { items: "The sessions, last used first." },
          example: { items: [{ ...session, current: true }] }
        }
      }
    },
    endSession: {
      summary: "End a session",
      description:
        "Ends one session of the signed-in user. The session may be the session of the request. The realtime connections of the session close.",
      answers: { 204: { description: "The session has ended." } }
    },
    endOtherSessions: {
      summary: "End all other sessions",
      description:
        "Ends every session of the signed-in user except the session of the request. That session gets a new token, so that a copy of the old token is useless.",
      answers: {
        200: {
          description: "The other sessions have ended.",
          fields: { ended: "The number of sessions that ended.", token },
          example: { ended: 2, token: tokens.nextSession }
        }
      }
    },
    rotate: {
      summary: "Replace the token",
      description:
        "Gives the session a new token. The old token allows reads for another 30 seconds. Any other request with the old token gets `token_replaced`. A use after the 30 seconds ends the session.",
      answers: { 200: { description: "The user and the session, with the new token.", example: meWithNextToken } }
    },
    logout: {
      summary: "Sign out",
      description: "Ends the session of the request and removes the cookie.",
      answers: { 204: { description: "The session has ended." } }
    },
    accessToken: {
      summary: "Create an access token",
      description:
        "Creates a short-lived signed token (JWT, EdDSA) that identifies the signed-in user to another service: `sub` is the user, and `sid` is the session. Services verify the token by `GET /.well-known/jwks.json`. The operator names the audiences by `DCHAT_ACCESS_TOKEN_AUDIENCES`.",
      body: {
        fields: { audience: "The service for which the token is made (`aud`)." },
        example: { audience: "files.example.com" }
      },
      answers: {
        200: {
          description: "The access token.",
          fields: { accessToken: "The token.", expiresIn: "The number of seconds for which the token is valid." },
          example: { accessToken: "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk4NWYwMCJ9.c2lnbmF0dXJl", expiresIn: 300 }
        }
      }
    },
    pendingMerge: {
      summary: "Create a merge ticket",
      description:
        "Returns the right to merge with another user after a round trip to LinkedIn that ended with `owned_by_other`. The ticket replaces an earlier ticket of this session. A request with a replaced token of the session is refused.",
      answers: {
        200: { description: "The merge ticket.", example: { ticket: tokens.merge, expiresIn: 600 } }
      }
    },
    merge: {
      summary: "Merge with another user",
      description:
        "Merges another user into the signed-in user. The signed-in user takes over the wallets, the LinkedIn account, the past calls and the subscriptions of the other user. All sessions of both users end, and the answer opens a new session. The ticket comes from a refusal `owned_by_other` or from `GET /auth/merge`. Any attempt by the session of the ticket uses the ticket up.",
      body: { fields: { ticket: "The merge ticket of this session." }, example: { ticket: tokens.merge } },
      answers: { 200: { description: "The merged user and the new session.", example: meWithNextToken } }
    }
  }
}
