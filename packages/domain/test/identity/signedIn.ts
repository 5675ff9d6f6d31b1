/**
 * A new session of a known user.
 */
import { Sessions, type SignedIn, type UserId } from "@dchat/domain/identity"
import { Effect } from "effect"

/** The session and its user, with the token. */
export const signedIn = Effect.fnUntraced(function*(id: UserId) {
  const sessions = yield* Sessions
  const { session, token } = yield* sessions.issue(id)
  return { ...yield* sessions.find(session.id), token }
}, Effect.orDie)

/** The same user in the current state of the session, after its token was replaced; unchanged if it has ended. */
export const renewed = <Who extends SignedIn>(who: Who) =>
  Effect.flatMap(Sessions, (sessions) => sessions.find(who.session.id)).pipe(
    Effect.match({ onSuccess: (found) => ({ ...who, ...found }), onFailure: () => who })
  )
