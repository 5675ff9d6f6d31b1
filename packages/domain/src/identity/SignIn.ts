/**
 * Finds the user who holds a proved wallet or account; the first proof creates the user. The proof earns a session or a
 * code in the step that locks the user and checks that the user holds the credential.
 */
import { Clock, Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { beginning, makeIdentitySteps } from "./IdentitySteps.ts"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import type { AuditCause } from "./model/AuditEvent.ts"
import { accountCredential, type Credential, holdsCredential, walletCredential } from "./model/Credential.ts"
import { accountOf, type Identity } from "./model/Identity.ts"
import type { IdentityCommand } from "./model/IdentityCommand.ts"
import type { UserDisabled } from "./model/IdentityErrors.ts"
import { LinkedAccountId } from "./model/LinkedAccount.ts"
import type { LinkedInClientId } from "./model/LinkedInProfile.ts"
import type { Origin } from "./model/Origin.ts"
import type { SessionId } from "./model/Session.ts"
import { temporaryWalletRef } from "./model/TemporaryWallet.ts"
import { UserId } from "./model/UserId.ts"
import { WalletId } from "./model/Wallet.ts"
import { IdentityRepository } from "./ports/IdentityRepository.ts"
import type { LinkedInGrant } from "./ports/LinkedIn.ts"
import { register } from "./rules/IdentityMachine.ts"
import { type OpenedSession, Sessions } from "./Sessions.ts"
import type { ProvedWallet } from "./WalletProofs.ts"

/** A user who has just proved a credential, and is locked. */
export interface Proved {
  readonly userId: UserId
  readonly credential: Credential
  readonly at: DateTime.Utc
}

/**
 * The effect that a proof earns. The effect runs in the transaction that checks, under the lock, that the user holds
 * the credential.
 */
export type Earn<A, E, R> = (proved: Proved) => Effect.Effect<A, E, R>

type Tagged = { readonly _tag: string }

export class SignIn extends Context.Service<SignIn, {
  /** Opens a session for the user who holds this wallet. */
  byWallet(wallet: ProvedWallet, origin: Origin): Effect.Effect<OpenedSession, UserDisabled>
  /** Opens a session for the user who holds this account. Stores the current LinkedIn profile. */
  byLinkedIn(
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin
  ): Effect.Effect<OpenedSession, UserDisabled>
  /** As `byWallet`, for a proof that earns a result other than a session. */
  earnByWallet<A, E extends Tagged, R>(
    wallet: ProvedWallet,
    origin: Origin,
    earn: Earn<A, E, R>
  ): Effect.Effect<A, UserDisabled | E, R>
  /** As `byLinkedIn`, for a proof that earns a result other than a session. */
  earnByLinkedIn<A, E extends Tagged, R>(
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin,
    earn: Earn<A, E, R>
  ): Effect.Effect<A, UserDisabled | E, R>
}>()("@dchat/domain/identity/SignIn") {
  static readonly layer = Layer.effect(
    SignIn,
    Effect.gen(function*() {
      const repository = yield* IdentityRepository
      const random = yield* SecureRandom.SecureRandom
      const sessions = yield* Sessions
      const tokens = yield* LinkedInTokens
      const { perform } = yield* makeIdentitySteps

      /** Signs a known user in, if the user still holds the credential under the lock. */
      const enter = <A, E extends Tagged, R>(
        id: UserId,
        cause: AuditCause,
        command: (identity: Identity) => SignInCommand | undefined,
        earned: Effect.Effect<A, E, R>
      ): Effect.Effect<A, UserDisabled | Moved | E, R> =>
        perform(
          id,
          cause,
          (identity) => {
            const asked = command(identity)
            return asked === undefined ? Effect.fail(new Moved()) : Effect.succeed(asked)
          },
          () => Effect.mapError(earned, (reason) => new NotEarned(reason))
        ).pipe(
          Effect.map(({ result }) => result),
          Effect.catch((failure): Effect.Effect<never, UserDisabled | Moved | E> => {
            if (failure instanceof NotEarned) return Effect.fail(failure.reason)
            if (failure._tag === "UserDisabled") return Effect.fail(failure)
            const isGone = failure._tag === "Moved" || failure._tag === "UserNotFound"
            return isGone ? Effect.fail(new Moved()) : Effect.die(failure)
          })
        )

      const create = <A, E extends Tagged, R>(
        command: RegisterCommand,
        cause: AuditCause,
        at: DateTime.Utc,
        earned: Effect.Effect<A, E, R>
      ): Effect.Effect<A, Moved | E, R> => {
        const change = beginning(register(command, at), at)
        return repository.create({
          changes: [change],
          cause,
          at,
          alongside: Effect.mapError(earned, (reason) => new NotEarned(reason))
        }).pipe(
          Effect.mapError((failure): Moved | E => failure instanceof NotEarned ? failure.reason : new Moved())
        )
      }

      const earnByWallet = <A, E extends Tagged, R>(
        wallet: ProvedWallet,
        origin: Origin,
        earn: Earn<A, E, R>,
        session?: SessionId
      ): Effect.Effect<A, UserDisabled | E, R> =>
        Effect.gen(function*() {
          const cause = causeOf(origin, session)
          const credential = walletCredential(wallet)
          const at = yield* DateTime.now
          const known = yield* repository.ownerOfWallet(wallet)
          if (Option.isSome(known)) {
            const userId = known.value
            return yield* enter(
              userId,
              cause,
              (identity) =>
                identity.status !== "active" || holdsCredential(identity, credential)
                  ? { _tag: "SignIn", method: "wallet" }
                  : undefined,
              earn({ userId, credential, at })
            )
          }
          const id = WalletId.make(yield* random.uuidV7())
          const userId = UserId.make(yield* random.uuidV7())
          return yield* create(
            { _tag: "RegisterByWallet", wallet: { ...wallet, id, userId, isPrimary: true, verifiedAt: at } },
            cause,
            at,
            earn({ userId, credential, at })
          )
        }).pipe(retryWhenMoved, Effect.withSpan("SignIn.byWallet"))

      const earnByLinkedIn = <A, E extends Tagged, R>(
        grant: LinkedInGrant,
        clientId: LinkedInClientId,
        origin: Origin,
        earn: Earn<A, E, R>,
        session?: SessionId
      ): Effect.Effect<A, UserDisabled | E, R> =>
        Effect.gen(function*() {
          const cause = causeOf(origin, session)
          const { profile } = grant
          const credential = accountCredential(clientId, profile.subject)
          const at = yield* DateTime.now
          const earned = (userId: UserId) =>
            Effect.andThen(tokens.keepFor(userId, clientId, grant), earn({ userId, credential, at }))
          const known = yield* repository.ownerOfAccount(clientId, profile.subject)
          if (Option.isSome(known)) {
            return yield* enter(
              known.value,
              cause,
              (identity) => {
                if (identity.status !== "active") return { _tag: "SignIn", method: "linkedin" }
                const account = accountOf(identity, clientId)
                return account?.profile.subject === profile.subject
                  ? { _tag: "SignIn", method: "linkedin", account: { id: account.id, profile } }
                  : undefined
              },
              earned(known.value)
            )
          }
          const id = LinkedAccountId.make(yield* random.uuidV7())
          const userId = UserId.make(yield* random.uuidV7())
          return yield* create(
            {
              _tag: "RegisterByAccount",
              account: { id, userId, provider: "linkedin", clientId, profile, linkedAt: at, lastSyncAt: at },
              temporaryRef: temporaryWalletRef(yield* Clock.currentTimeMillis, yield* random.randomBytes(10))
            },
            cause,
            at,
            earned(userId)
          )
        }).pipe(retryWhenMoved, Effect.withSpan("SignIn.byLinkedIn"))

      return SignIn.of({
        byWallet: (wallet, origin) =>
          Effect.flatMap(
            sessions.newId,
            (id) => earnByWallet(wallet, origin, ({ userId }) => sessions.issue(userId, origin, { id }), id)
          ),
        byLinkedIn: (grant, clientId, origin) =>
          Effect.flatMap(
            sessions.newId,
            (id) => earnByLinkedIn(grant, clientId, origin, ({ userId }) => sessions.issue(userId, origin, { id }), id)
          ),
        earnByWallet: (wallet, origin, earn) => earnByWallet(wallet, origin, earn),
        earnByLinkedIn: (grant, clientId, origin, earn) => earnByLinkedIn(grant, clientId, origin, earn)
      })
    })
  )
}

/** Repeats the look-up of the user if the holder has changed before the lock. */
const retryWhenMoved = <A, E extends Tagged, R>(
  attempt: Effect.Effect<A, E | Moved, R>
): Effect.Effect<A, Exclude<E, Moved>, R> =>
  attempt.pipe(
    Effect.retry({ times: maxLookUps, while: (failure) => failure instanceof Moved }),
    Effect.catch((failure): Effect.Effect<never, Exclude<E, Moved>> =>
      failure instanceof Moved ? Effect.die(failure) : Effect.fail(failure as Exclude<E, Moved>)
    )
  )

const causeOf = (origin: Origin, sessionId: SessionId | undefined): AuditCause => ({
  _tag: "User",
  origin,
  ...(sessionId === undefined ? {} : { sessionId })
})

type SignInCommand = Extract<IdentityCommand, { readonly _tag: "SignIn" }>
type RegisterCommand = Extract<IdentityCommand, { readonly _tag: "RegisterByWallet" | "RegisterByAccount" }>

/** Maximum look-ups. Each further one needs a user to link, unlink or merge the same credential meanwhile. */
const maxLookUps = 10

/** The effect that the proof should have earned was refused. The whole step is undone. */
class NotEarned<E> {
  readonly _tag = "NotEarned"
  readonly reason: E
  constructor(reason: E) {
    this.reason = reason
  }
}

/** The credential now belongs to another user. */
class Moved extends Schema.TaggedError<Moved>()("Moved", {}) {}
