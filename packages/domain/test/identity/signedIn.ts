/**
 * A new session of somebody who is known.
 */
import { Sessions, type UserId } from "@dchat/domain/identity"
import { Effect } from "effect"

/** The session and its person, with the token. */
export const signedIn = Effect.fnUntraced(function*(id: UserId) {
  const sessions = yield* Sessions
  const { session, token } = yield* sessions.issue(id)
  return { ...yield* sessions.find(session.id), token }
}, Effect.orDie)
