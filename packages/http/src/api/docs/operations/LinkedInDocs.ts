/**
 * Texts of LinkedIn: signing in, linking, reading the profile and unlinking.
 */
import type { LinkedInApi } from "../../LinkedInApi.ts"
import { linkedInProfile, meWithNextToken } from "../examples/Users.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const linkedInDocs: GroupDocs<typeof LinkedInApi> = {
  description:
    "Signing in with a LinkedIn account, and linking a LinkedIn account to a user. An installation without LinkedIn returns `linkedin_not_configured`.",
  operations: {
    authUrl: {
      summary: "Begin a round trip to LinkedIn",
      description:
        "Returns the page of LinkedIn to which the client sends the browser. The answer sets a cookie, so the same browser must get the answer and open the page. `link` and `reauth` need a session; `link` also needs a proof of identity that is at most 10 minutes old.",
      security: "sessionOrNone",
      answers: {
        200: {
          description: "The page to open.",
          fields: {
            url: "The page of LinkedIn.",
            expiresIn: "The number of seconds that the round trip may take.",
            nextToken:
              "Present only for `link` with a bearer token: the token of the session after the account is linked. The token is not valid before that time."
          },
          example: {
            url:
              "https://www.linkedin.com/oauth/v2/authorization?response_type=code&client_id=86example&state=af0ifjsldkj",
            expiresIn: 600
          }
        }
      }
    },
    callback: {
      summary: "Finish a round trip to LinkedIn",
      description:
        "LinkedIn sends the browser here; clients do not call this operation. The answer is always a redirect: to `returnTo`, with `error` in the query when the round trip failed, or to `/?error=...` when the host does not know the round trip.",
      answers: { 303: { description: "The browser goes on to the page in `Location`." } }
    },
    profile: {
      summary: "Retrieve the LinkedIn profile",
      description: "Returns the LinkedIn profile of the signed-in user that the host read last.",
      answers: { 200: { description: "The profile.", example: linkedInProfile } }
    },
    sync: {
      summary: "Refresh the LinkedIn profile",
      description:
        "Reads the profile from LinkedIn again. The display name follows LinkedIn until the user chooses one. When the access token of LinkedIn has expired, the host returns `linkedin_reauthorization_required`: sign in at LinkedIn again.",
      answers: { 200: { description: "The profile after the refresh.", example: linkedInProfile } }
    },
    unlink: {
      summary: "Unlink the LinkedIn account",
      description:
        "Removes the LinkedIn account and its data from the signed-in user. The last proof of identity must be at most 10 minutes old. The last way to sign in cannot be removed. The session gets a new token, and the other sessions of the user end.",
      answers: {
        200: {
          description: "The user and the new token, for clients that sent a bearer token.",
          example: meWithNextToken
        },
        204: { description: "The account is unlinked. The browser got the new cookie." }
      }
    }
  }
}
