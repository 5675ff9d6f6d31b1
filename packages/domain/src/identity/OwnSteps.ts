/**
 * One step of a person who is signed in: their session has to live while they are locked, and goes on under another
 * token when the ways to sign in change.
 */
import { Array, DateTime, Effect, Option, Redacted } from "effect"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import { Merging } from "./Merging.ts"
import type { AuditCause } from "./model/AuditEvent.ts"
import type { Credential } from "./model/Credential.ts"
import type { Identity } from "./model/Identity.ts"
import type { IdentityCommand } from "./model/IdentityCommand.ts"
import {
  type AccountOwnedByOther,
  type IdentityRefusal,
  OwnedByOther,
  type SessionInvalid,
  type TokenReplaced,
  type WalletOwnedByOther
} from "./model/IdentityErrors.ts"
import { changesCredentials } from "./model/IdentityEvent.ts"
import type { Origin } from "./model/Origin.ts"
import type { SessionToken, SignedIn } from "./model/Session.ts"
import type { TokenHash } from "./model/TokenHash.ts"
import type { UserId } from "./model/UserId.ts"
import { IdentityBus, tokenReplaced } from "./ports/IdentityBus.ts"
import { CredentialTaken } from "./ports/IdentityRepository.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { Sessions } from "./Sessions.ts"

/** Somebody after a change, and the token that their session goes on with, if it has another one now. */
export interface Changed {
  readonly identity: Identity
  readonly token: Option.Option<Redacted.Redacted<SessionToken>>
}

/** Why a step of somebody who is signed in is refused. */
export type OwnRefusal = IdentityRefusal | SessionInvalid | TokenReplaced

/** What somebody who is signed in can ask. */
export type OwnCommand = Exclude<
  IdentityCommand,
  { readonly _tag: "RegisterByWallet" | "RegisterByAccount" | "ReportStolenToken" | "SignIn" | "Disable" | "Enable" }
>

/** What a command does in its own transaction, once it has happened. */
export type Alongside = (userId: UserId, now: DateTime.Utc) => Effect.Effect<void>

interface StepOptions {
  readonly alongside?: Alongside | undefined
  /** Of the token under which the session goes on, changed or not; when the ways to sign in change, a new one unless told. */
  readonly nextToken?: TokenHash | undefined
}

/** Each time it takes somebody to link or let go of the very credential in between. */
const maxLookUps = 10

export const makeOwnSteps = Effect.gen(function*() {
  const sessions = yield* Sessions
  const sessionRows = yield* SessionRepository
  const bus = yield* IdentityBus
  const merging = yield* Merging
  const { perform } = yield* makeIdentitySteps

  /**
   * A command of somebody who is signed in, which they still have to be once they are locked. When it changes how
   * they sign in, their session goes on under another token and their others end, in the same transaction.
   */
  const act = Effect.fnUntraced(function*(
    { session }: SignedIn,
    origin: Origin,
    commandFor: (authenticatedAt: DateTime.Utc) => OwnCommand,
    { alongside = () => Effect.void, nextToken }: StepOptions = {}
  ): Effect.fn.Return<Changed, OwnRefusal | CredentialTaken> {
    const { id: sessionId, userId } = session
    const cause: AuditCause = { _tag: "User", sessionId, origin }
    const { identity, result } = yield* perform(
      userId,
      cause,
      () => Effect.map(sessions.current(session), ({ authenticatedAt }) => commandFor(authenticatedAt)),
      Effect.fnUntraced(function*({ status }, events) {
        const now = yield* DateTime.now
        yield* alongside(userId, now)
        const isChanged = events.some(changesCredentials)
        if (!isChanged && nextToken === undefined) return { token: Option.none(), others: [], isReplaced: false }
        if (status !== "active") {
          const others = yield* sessionRows.revokeAllOf([userId], now)
          return { token: Option.none(), others, isReplaced: false }
        }
        const others = isChanged ? yield* sessionRows.revokeAllOf([userId], now, sessionId) : []
        if (nextToken !== undefined) {
          yield* sessions.replaceTokenBy(session, nextToken)
          return { token: Option.none(), others, isReplaced: true }
        }
        return { token: Option.some(yield* sessions.replaceToken(session)), others, isReplaced: true }
      })
    )
    if (Array.isReadonlyArrayNonEmpty(result.others)) {
      yield* bus.publish({ _tag: "SessionsEnded", sessions: result.others })
    }
    if (result.isReplaced) yield* bus.publish(tokenReplaced(session))
    return { identity, token: result.token }
  })

  /** As `act`, for what takes no credential from anybody. */
  const actAlone = (...asked: Parameters<typeof act>): Effect.Effect<Changed, OwnRefusal> =>
    Effect.catchTag(act(...asked), "CredentialTaken", (failure) => Effect.die(failure))

  /** The refusal with a ticket; without one while the holder is disabled. Looks again when somebody else holds it. */
  const offerMerge = (
    { session }: SignedIn,
    holder: UserId,
    proved: Credential,
    refusal: WalletOwnedByOther | AccountOwnedByOther
  ): Effect.Effect<never, OwnRefusal | OwnedByOther | CredentialTaken> =>
    merging.offer(session, holder, proved).pipe(
      Effect.catchTags({
        MergeTicketInvalid: () => Effect.fail(new CredentialTaken()),
        UserNotFound: () => Effect.fail(new CredentialTaken()),
        UserDisabled: () => Effect.fail(refusal)
      }),
      Effect.flatMap(({ expiresIn, ticket }) =>
        Effect.fail(new OwnedByOther({ ticket: Redacted.value(ticket), expiresIn }))
      )
    )

  /** Who holds the credential decides between linking it and offering a merge; that may change until it is kept. */
  const link = (
    who: SignedIn,
    owner: Effect.Effect<Option.Option<UserId>>,
    proved: Credential,
    origin: Origin,
    commandFor: (owner: UserId | undefined, authenticatedAt: DateTime.Utc) => OwnCommand,
    options?: StepOptions
  ): Effect.Effect<Changed, OwnRefusal | OwnedByOther> =>
    Effect.flatMap(owner, (found): Effect.Effect<Changed, OwnRefusal | OwnedByOther | CredentialTaken> => {
      const holder = Option.getOrUndefined(found)
      const attempt = act(who, origin, (authenticatedAt) => commandFor(holder, authenticatedAt), options)
      return holder === undefined ? attempt : Effect.catchTag(
        attempt,
        ["WalletOwnedByOther", "AccountOwnedByOther"],
        (refusal) => offerMerge(who, holder, proved, refusal)
      )
    }).pipe(
      Effect.retry({ times: maxLookUps, while: ({ _tag }) => _tag === "CredentialTaken" }),
      Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure))
    )

  return { actAlone, link }
})
