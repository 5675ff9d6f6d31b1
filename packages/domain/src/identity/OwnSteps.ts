/**
 * One step of a signed-in user. The session must be live while the user is locked. The session continues under another
 * token when the ways to sign in change.
 */
import { Array, DateTime, Effect, Option, Redacted } from "effect"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import { Merging } from "./Merging.ts"
import type { AuditCause } from "./model/AuditEvent.ts"
import type { Credential } from "./model/Credential.ts"
import type { Identity } from "./model/Identity.ts"
import type { IdentityCommandOf } from "./model/IdentityCommand.ts"
import {
  AccountOwnedByOther,
  OwnedByOther,
  type SessionInvalid,
  type TokenReplaced,
  type UserNotFound,
  WalletOwnedByOther
} from "./model/IdentityErrors.ts"
import { changesCredentials } from "./model/IdentityEvent.ts"
import type { Origin } from "./model/Origin.ts"
import type { SessionToken, SignedIn } from "./model/Session.ts"
import type { TokenHash } from "./model/TokenHash.ts"
import type { UserId } from "./model/UserId.ts"
import { IdentityBus, tokenReplaced } from "./ports/IdentityBus.ts"
import { CredentialTaken } from "./ports/IdentityRepository.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import type { IdentityRefusalOf, KnownUserCommand } from "./rules/IdentityMachine.ts"
import { Sessions } from "./Sessions.ts"

/** A user after a change, and the new token of the user's session, if the token was replaced. */
export interface Changed {
  readonly identity: Identity
  readonly token: Option.Option<Redacted.Redacted<SessionToken>>
}

/** The tags of the commands of a signed-in user. */
export type OwnCommand = Exclude<KnownUserCommand, "ReportStolenToken" | "SignIn" | "Disable" | "Enable">

/** The refusals of a command of a signed-in user. */
export type OwnRefusal<Tag extends OwnCommand> = IdentityRefusalOf<Tag> | UserNotFound | SessionInvalid | TokenReplaced

/** An effect that runs in the transaction of a command, after the change. */
export type Alongside = (userId: UserId, now: DateTime.Utc) => Effect.Effect<void>

interface StepOptions {
  readonly alongside?: Alongside | undefined
  /**
   * Hash of the token for the session, with or without a change. Default: a new token if the ways to sign in change.
   */
  readonly nextToken?: TokenHash | undefined
}

/** Maximum look-ups. Each further one needs another user to link or unlink the same credential meanwhile. */
const maxLookUps = 10

export const makeOwnSteps = Effect.gen(function*() {
  const sessions = yield* Sessions
  const sessionRows = yield* SessionRepository
  const bus = yield* IdentityBus
  const merging = yield* Merging
  const { perform } = yield* makeIdentitySteps

  /**
   * Executes a command of a signed-in user, whose session must still be live under the lock. If the command changes the
   * ways to sign in, the session continues under another token and the user's other sessions end, in one transaction.
   */
  const act = Effect.fnUntraced(function*<Tag extends OwnCommand>(
    { session }: SignedIn,
    origin: Origin,
    commandFor: (authenticatedAt: DateTime.Utc) => IdentityCommandOf<Tag>,
    { alongside = () => Effect.void, nextToken }: StepOptions = {}
  ): Effect.fn.Return<Changed, OwnRefusal<Tag> | CredentialTaken> {
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

  /** As `act`, for a command that takes no credential from another user. */
  const actAlone = <Tag extends OwnCommand>(
    who: SignedIn,
    origin: Origin,
    commandFor: (authenticatedAt: DateTime.Utc) => IdentityCommandOf<Tag>,
    options?: StepOptions
  ): Effect.Effect<Changed, OwnRefusal<Tag>> =>
    Effect.catchIf(act(who, origin, commandFor, options), isTaken, (failure) => Effect.die(failure))

  /**
   * The refusal with a ticket; without a ticket while the holder is disabled. Repeats the look-up if the holder
   * changes.
   */
  const offerMerge = <Refusal>({ session }: SignedIn, holder: UserId, proved: Credential, refusal: Refusal) =>
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

  /** Links a free credential, or offers a merge for a held one. The holder may change until the change is stored. */
  const link = <Tag extends "LinkWallet" | "LinkAccount">(
    who: SignedIn,
    owner: Effect.Effect<Option.Option<UserId>>,
    proved: Credential,
    origin: Origin,
    commandFor: (owner: UserId | undefined, authenticatedAt: DateTime.Utc) => IdentityCommandOf<Tag>,
    options?: StepOptions
  ): Effect.Effect<Changed, OwnRefusal<Tag> | OwnedByOther> =>
    Effect.flatMap(owner, (found): Effect.Effect<Changed, OwnRefusal<Tag> | OwnedByOther | CredentialTaken> => {
      const holder = Option.getOrUndefined(found)
      const attempt = act(who, origin, (authenticatedAt) => commandFor(holder, authenticatedAt), options)
      return holder === undefined
        ? attempt
        : Effect.catchIf(attempt, isOwned, (refusal) => offerMerge(who, holder, proved, refusal))
    }).pipe(
      Effect.retry({ times: maxLookUps, while: isTaken }),
      Effect.catchIf(isTaken, (failure) => Effect.die(failure))
    )

  return { actAlone, link }
})

const isTaken = (error: unknown): error is CredentialTaken => error instanceof CredentialTaken

const isOwned = <E>(error: E): error is Extract<E, WalletOwnedByOther | AccountOwnedByOther> =>
  error instanceof WalletOwnedByOther || error instanceof AccountOwnedByOther
