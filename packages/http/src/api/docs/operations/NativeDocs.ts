/**
 * Texts of signing in from a native application (RFC 8252, RFC 7636).
 */
import type { NativeApi } from "../../NativeApi.ts"
import { ids, signature, tokens } from "../examples/Ids.ts"
import { meWithToken } from "../examples/Users.ts"
import type { GroupDocs } from "../OperationDocs.ts"
import { signedMessage } from "./WalletDocs.ts"

export const nativeDocs: GroupDocs<typeof NativeApi> = {
  description:
    "Signing in from a command line or a native application through the browser of the system (RFC 8252) with PKCE (RFC 7636).",
  operations: {
    start: {
      summary: "Open the sign-in page",
      description:
        "Returns the page on which a user signs in for an application. The application opens this URL in the browser of the system and listens at `redirect_uri`. After the sign-in the browser goes to `redirect_uri` with `code` and `state` in the query.",
      answers: { 200: { description: "The sign-in page.", example: "<!doctype html><title>Sign in</title>" } }
    },
    wallet: {
      summary: "Sign in with a wallet for an application",
      description:
        "The sign-in page sends this request; applications do not. The host verifies the signature and returns the URL to which the browser goes.",
      body: {
        fields: { flow: "The id of the sign-in, from the sign-in page.", ...signedMessage },
        example: { flow: ids.flow, nonceId: ids.nonce, signature }
      },
      answers: {
        200: {
          description: "The URL to which the browser goes.",
          fields: { location: "The `redirect_uri` of the application with `code` and `state`." },
          example: { location: `http://127.0.0.1:49152/done?code=${tokens.code}&state=af0ifjsldkj` }
        }
      }
    },
    token: {
      summary: "Exchange a code for a session",
      description:
        "Opens a session for the application. A code is valid once, for 60 seconds; any refused attempt uses the code up.",
      body: {
        fields: {
          code: "The `code` of the redirect.",
          codeVerifier: "The text whose SHA-256 digest was the `code_challenge`.",
          redirectUri: "The `redirect_uri` of the sign-in."
        },
        example: {
          code: tokens.code,
          codeVerifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          redirectUri: "http://127.0.0.1:49152/done"
        }
      },
      answers: { 200: { description: "The user, the session and its token.", example: meWithToken } }
    }
  }
}
