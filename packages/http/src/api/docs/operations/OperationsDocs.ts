/**
 * Texts of the state of the host and its public keys.
 */
import type { OperationsApi } from "../../OperationsApi.ts"
import { version } from "../../Version.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const operationsDocs: GroupDocs<typeof OperationsApi> = {
  description: "The state of the host, for operators and load balancers, and the public keys of access tokens.",
  operations: {
    alive: {
      summary: "Check that the host is alive",
      description: "Succeeds as long as the process serves requests. The answer says nothing about the database.",
      answers: {
        200: { description: "The host is alive.", fields: { status: "Always `ok`." }, example: { status: "ok" } }
      }
    },
    ready: {
      summary: "Check that the host is ready",
      description:
        "Tells whether the host can serve users: the database answers within 2 seconds, the hosts reach each other, and no vital background task is behind. Load balancers send requests to ready hosts only.",
      answers: {
        200: { description: "The host is ready.", fields: { status: "Always `ok`." }, example: { status: "ok" } }
      }
    },
    health: {
      summary: "Retrieve the state of the host",
      description:
        "Returns the state of the parts of the host, and the number of open calls. The status is 200 even if the host is degraded.",
      answers: {
        200: {
          description: "The state of the host.",
          fields: {
            status: "`ok` when everything works, otherwise `degraded`.",
            activeCalls: "The number of open calls. Absent while the database does not answer.",
            database: "Whether the database answers.",
            bus: "Whether the hosts of the installation reach each other.",
            late: "The names of the background tasks that are behind.",
            version: "The version of the host."
          },
          example: { status: "ok", activeCalls: 3, database: true, bus: true, late: [], version }
        }
      }
    },
    keys: {
      summary: "List the public keys of access tokens",
      description:
        "Returns the public keys (JWK Set, RFC 7517) by which services verify access tokens. The list is empty if the operator names no audience.",
      answers: {
        200: {
          description: "The public keys.",
          example: {
            keys: [{
              kty: "OKP",
              crv: "Ed25519",
              x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
              kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
              alg: "EdDSA",
              use: "sig"
            }]
          }
        }
      }
    }
  }
}
