/**
 * Texts of finding other users.
 */
import type { PeopleApi } from "../../PeopleApi.ts"
import { person } from "../examples/Users.ts"
import type { GroupDocs } from "../OperationDocs.ts"

export const peopleDocs: GroupDocs<typeof PeopleApi> = {
  description: "Finding other users.",
  operations: {
    find: {
      summary: "Search users",
      description:
        "Returns active users whose display name begins with the query, or whose wallet has exactly this address. Returns at most 20 users, in a stable order, and none for a blank query.",
      answers: {
        200: {
          description: "The users that match.",
          fields: { items: "The users." },
          example: { items: [person] }
        }
      }
    },
    get: {
      summary: "Retrieve a user",
      description:
        "Returns the public profile of an active user. For the id of a merged user, the host returns the surviving user.",
      answers: { 200: { description: "The user.", example: person } }
    }
  }
}
