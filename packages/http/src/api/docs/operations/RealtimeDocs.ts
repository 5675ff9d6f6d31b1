/**
 * Texts of the way into a realtime connection.
 */
import type { RealtimeApi } from "../../RealtimeApi.ts"
import { tokens } from "../examples/Ids.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const realtimeDocs: GroupDocs<typeof RealtimeApi> = {
  description:
    "Realtime connections: `GET /api/realtime` opens a WebSocket with the subprotocol `dchat.v1`. The protocol is described in `docs/realtime.md` of the source.",
  operations: {
    ticket: {
      summary: "Create a realtime ticket",
      description:
        "Creates a ticket for one realtime connection, `GET /api/realtime?ticket=...`. Browsers with a bearer token need a ticket, because a page cannot send headers with a WebSocket. Any attempt uses the ticket up.",
      answers: {
        200: {
          description: "The ticket.",
          fields: { ticket: "The ticket.", expiresIn: "The number of seconds for which the ticket is valid." },
          example: { ticket: tokens.realtime, expiresIn: 60 }
        }
      }
    }
  }
}
