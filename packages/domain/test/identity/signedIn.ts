/**
 * A new session of somebody who is known.
 */
import { Sessions, type SignedIn, type UserId } from "@dchat/domain/identity"
import { Effect } from "effect"

/** The session and its person, with the token. */
export const signedIn = Effect.fnUntraced(function*(id: UserId) {
  const sessions = yield* Sessions
  const { session, token } = yield* sessions.issue(id)
  return { ...yield* sessions.find(session.id), token }
}, Effect.orDie)

/** The same person in the same session as it is now, after its token was replaced; unchanged when it has ended. */
export const renewed = <Who extends SignedIn>(who: Who) =>
  Effect.flatMap(Sessions, (sessions) => sessions.find(who.session.id)).pipe(
    Effect.match({ onSuccess: (found) => ({ ...who, ...found }), onFailure: () => who })
  )
