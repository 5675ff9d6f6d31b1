/**
 * What people do with their own identity.
 */
import { Array, Clock, Context, DateTime, Effect, Layer, Option, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AuditCause, AuditEvent } from "./AuditEvent.ts"
import { accountCredential, type Credential, walletCredential } from "./Credential.ts"
import type { DisplayName } from "./DisplayName.ts"
import type { Identity } from "./Identity.ts"
import { IdentityBus } from "./IdentityBus.ts"
import type { IdentityCommand } from "./IdentityCommand.ts"
import {
  type AccountOwnedByOther,
  type IdentityRefusal,
  type NonceInvalid,
  OwnedByOther,
  type SessionInvalid,
  type SignatureInvalid,
  type SiweMismatch,
  UserNotFound,
  type WalletOwnedByOther
} from "./IdentityErrors.ts"
import { changesCredentials } from "./IdentityEvent.ts"
import { CredentialTaken, IdentityRepository } from "./IdentityRepository.ts"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import { LinkedAccountId } from "./LinkedAccount.ts"
import { LinkedIn, type LinkedInGrant } from "./LinkedIn.ts"
import type { LinkedInClientId } from "./LinkedInProfile.ts"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import { Merging } from "./Merging.ts"
import type { Origin } from "./Origin.ts"
import type { SessionId, SessionToken, SignedIn } from "./Session.ts"
import { SessionRepository } from "./SessionRepository.ts"
import { Sessions } from "./Sessions.ts"
import { temporaryWalletRef } from "./TemporaryWallet.ts"
import type { UserId } from "./UserId.ts"
import { WalletId } from "./Wallet.ts"
import { type ChainUnavailable } from "./WalletProof.ts"
import { type SignedMessage, WalletProofs } from "./WalletProofs.ts"

/** Somebody after a change, and the token that their session goes on with, if it has another one now. */
export interface Changed {
  readonly identity: Identity
  readonly token: Option.Option<Redacted.Redacted<SessionToken>>
}

type ProofRefusal = NonceInvalid | SiweMismatch | SignatureInvalid | ChainUnavailable
type Refusal = IdentityRefusal | SessionInvalid

/** What a command does in its own transaction, once it has happened. */
type Alongside = (userId: UserId, now: DateTime.Utc) => Effect.Effect<void>

/** A page of an activity list is no longer than this. */
export const maxActivityPage = 100

export class Identities extends Context.Service<Identities, {
  /** A person as they see themselves. */
  me(id: UserId): Effect.Effect<Identity, UserNotFound>
  editProfile(
    who: SignedIn,
    fields: {
      readonly displayName?: DisplayName
      readonly company?: string
      readonly position?: string
    },
    origin: Origin
  ): Effect.Effect<Identity, Refusal>
  /** Adds the wallet that was proved. Changes of how one signs in end the person's other sessions. */
  linkWallet(who: SignedIn, proof: SignedMessage, origin: Origin): Effect.Effect<
    Changed,
    Refusal | ProofRefusal | OwnedByOther
  >
  unlinkWallet(who: SignedIn, walletId: WalletId, origin: Origin): Effect.Effect<Changed, Refusal>
  setPrimaryWallet(who: SignedIn, walletId: WalletId, origin: Origin): Effect.Effect<Identity, Refusal>
  linkLinkedIn(
    who: SignedIn,
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin
  ): Effect.Effect<Changed, Refusal | OwnedByOther>
  unlinkLinkedIn(who: SignedIn, origin: Origin): Effect.Effect<Changed, Refusal>
  /** Proves again who one is: the session counts as fresh from now on. */
  reauthenticateByWallet(who: SignedIn, proof: SignedMessage, origin: Origin): Effect.Effect<
    Identity,
    Refusal | ProofRefusal
  >
  reauthenticateByLinkedIn(
    who: SignedIn,
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin
  ): Effect.Effect<Identity, Refusal>
  /** Removes everything personal for good; the id stays, for what others keep of common calls. */
  delete(who: SignedIn, origin: Origin): Effect.Effect<void, Refusal>
  /** What happened to a person, newest first, with `seq` below `before`. */
  activity(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<AuditEvent>>
}>()("@dchat/domain/identity/Identities") {
  static readonly layer = Layer.effect(
    Identities,
    Effect.gen(function*() {
      const repository = yield* IdentityRepository
      const sessions = yield* Sessions
      const sessionRows = yield* SessionRepository
      const bus = yield* IdentityBus
      const proofs = yield* WalletProofs
      const merging = yield* Merging
      const linkedIn = yield* LinkedIn
      const tokens = yield* LinkedInTokens
      const random = yield* SecureRandom.SecureRandom
      const { perform } = yield* makeIdentitySteps

      const currentClient = Option.getOrUndefined(linkedIn.clientId)
      const newTemporaryRef = Effect.gen(function*() {
        return temporaryWalletRef(yield* Clock.currentTimeMillis, yield* random.randomBytes(10))
      })

      const ended = (ids: ReadonlyArray<SessionId>) =>
        Array.isReadonlyArrayNonEmpty(ids) ? bus.publish({ _tag: "SessionsEnded", sessions: ids }) : Effect.void

      /**
       * A command of somebody who is signed in, which they still have to be once they are locked. When it changes how
       * they sign in, their session goes on under another token and their others end, in the same transaction.
       */
      const act = Effect.fnUntraced(function*(
        { session: { id: sessionId, userId } }: SignedIn,
        origin: Origin,
        commandFor: (authenticatedAt: DateTime.Utc) => OwnCommand,
        alongside: Alongside = () => Effect.void
      ): Effect.fn.Return<Changed, Refusal | CredentialTaken> {
        const cause: AuditCause = { _tag: "User", sessionId, origin }
        const { identity, result } = yield* perform(
          userId,
          cause,
          () => Effect.map(sessions.find(sessionId), ({ session }) => commandFor(session.authenticatedAt)),
          Effect.fnUntraced(function*({ status }, events) {
            const now = yield* DateTime.now
            yield* alongside(userId, now)
            if (!events.some(changesCredentials)) return { token: Option.none(), others: [] }
            if (status !== "active") {
              return { token: Option.none(), others: yield* sessionRows.revokeAllOf([userId], now) }
            }
            const others = yield* sessionRows.revokeAllOf([userId], now, sessionId)
            return { token: Option.some(yield* sessions.replaceToken(sessionId)), others }
          })
        )
        yield* ended(result.others)
        return { identity, token: result.token }
      })

      /** As `act`, for what takes no credential from anybody. */
      const actAlone = (...asked: Parameters<typeof act>): Effect.Effect<Changed, Refusal> =>
        Effect.catchTag(act(...asked), "CredentialTaken", (failure) => Effect.die(failure))

      const identityOf = Effect.map(({ identity }: Changed) => identity)

      /** The refusal with a ticket; without one while the holder is disabled. Looks again when somebody else holds it. */
      const offerMerge = (
        { session }: SignedIn,
        holder: UserId,
        proved: Credential,
        refusal: WalletOwnedByOther | AccountOwnedByOther
      ): Effect.Effect<never, Refusal | OwnedByOther | CredentialTaken> =>
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
        alongside?: Alongside
      ): Effect.Effect<Changed, Refusal | OwnedByOther> =>
        Effect.flatMap(owner, (found): Effect.Effect<Changed, Refusal | OwnedByOther | CredentialTaken> => {
          const holder = Option.getOrUndefined(found)
          const attempt = act(who, origin, (authenticatedAt) => commandFor(holder, authenticatedAt), alongside)
          return holder === undefined ? attempt : Effect.catchTag(
            attempt,
            ["WalletOwnedByOther", "AccountOwnedByOther"],
            (refusal) => offerMerge(who, holder, proved, refusal)
          )
        }).pipe(
          Effect.retry({ times: maxLookUps, while: ({ _tag }) => _tag === "CredentialTaken" }),
          Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure))
        )

      const me = Effect.fn("Identities.me")(function*(id: UserId) {
        const found = yield* repository.load(id)
        if (Option.isNone(found)) return yield* new UserNotFound({ userId: id })
        return found.value
      })

      const linkWallet = Effect.fn("Identities.linkWallet")(
        function*(who: SignedIn, proof: SignedMessage, origin: Origin) {
          const proved = yield* proofs.accept(proof, { purpose: "link", session: who.session })
          const wallet = {
            ...proved,
            id: WalletId.make(yield* random.uuidV7()),
            userId: who.user.id,
            isPrimary: false,
            verifiedAt: yield* DateTime.now
          }
          return yield* link(
            who,
            repository.ownerOfWallet(proved),
            walletCredential(proved),
            origin,
            (owner, authenticatedAt) => ({ _tag: "LinkWallet", wallet, owner, authenticatedAt })
          )
        }
      )

      const unlinkWallet = Effect.fn("Identities.unlinkWallet")(
        function*(who: SignedIn, walletId: WalletId, origin: Origin) {
          const temporaryRef = yield* newTemporaryRef
          return yield* actAlone(who, origin, (authenticatedAt) => ({
            _tag: "UnlinkWallet",
            walletId,
            clientId: currentClient,
            temporaryRef,
            authenticatedAt
          }))
        }
      )

      const linkLinkedIn = Effect.fn("Identities.linkLinkedIn")(
        function*(who: SignedIn, grant: LinkedInGrant, clientId: LinkedInClientId, origin: Origin) {
          const now = yield* DateTime.now
          const account = {
            id: LinkedAccountId.make(yield* random.uuidV7()),
            userId: who.user.id,
            provider: "linkedin" as const,
            clientId,
            profile: grant.profile,
            linkedAt: now,
            lastSyncAt: now
          }
          const owner = repository.ownerOfAccount(clientId, grant.profile.subject)
          return yield* link(
            who,
            owner,
            accountCredential(clientId, grant.profile.subject),
            origin,
            (owner, authenticatedAt) => ({ _tag: "LinkAccount", account, owner, authenticatedAt }),
            (userId) => tokens.keepFor(userId, clientId, grant)
          )
        }
      )

      const reauthenticated = (who: SignedIn, origin: Origin, command: OwnCommand, alongside?: Alongside) =>
        identityOf(actAlone(
          who,
          origin,
          () => command,
          (userId, now) =>
            Effect.andThen(
              sessionRows.reauthenticated(who.session.id, now),
              alongside?.(userId, now) ?? Effect.void
            )
        ))

      const reauthenticateByWallet = Effect.fn("Identities.reauthenticateByWallet")(
        function*(who: SignedIn, proof: SignedMessage, origin: Origin) {
          const wallet = yield* proofs.accept(proof, { purpose: "reauth", session: who.session })
          return yield* reauthenticated(who, origin, { _tag: "ReauthenticateByWallet", wallet })
        }
      )

      const reauthenticateByLinkedIn = Effect.fn("Identities.reauthenticateByLinkedIn")(
        function*(who: SignedIn, grant: LinkedInGrant, clientId: LinkedInClientId, origin: Origin) {
          const { profile } = grant
          return yield* reauthenticated(
            who,
            origin,
            { _tag: "ReauthenticateByAccount", clientId, profile },
            (userId) => tokens.keepFor(userId, clientId, grant)
          )
        }
      )

      return Identities.of({
        me,
        editProfile: Effect.fn("Identities.editProfile")((who, fields, origin) =>
          identityOf(actAlone(who, origin, () => ({ _tag: "EditProfile", ...fields })))
        ),
        linkWallet,
        unlinkWallet,
        setPrimaryWallet: Effect.fn("Identities.setPrimaryWallet")((who, walletId, origin) =>
          identityOf(actAlone(who, origin, () => ({ _tag: "SetPrimaryWallet", walletId })))
        ),
        linkLinkedIn,
        unlinkLinkedIn: Effect.fn("Identities.unlinkLinkedIn")((who, origin) =>
          actAlone(who, origin, (authenticatedAt) => ({
            _tag: "UnlinkAccount",
            clientId: currentClient,
            authenticatedAt
          }))
        ),
        reauthenticateByWallet,
        reauthenticateByLinkedIn,
        // What stays does not say from where it was asked: that is personal, too.
        delete: Effect.fn("Identities.delete")((who) =>
          Effect.asVoid(actAlone(who, {}, (authenticatedAt) => ({ _tag: "Delete", authenticatedAt })))
        ),
        activity: Effect.fn("Identities.activity")((id, page) => repository.activity(id, page))
      })
    })
  )
}

/** What somebody who is signed in can ask. */
type OwnCommand = Exclude<
  IdentityCommand,
  { readonly _tag: "RegisterByWallet" | "RegisterByAccount" | "SignIn" | "Disable" | "Enable" }
>

/** Each time it takes somebody to link or let go of the very credential in between. */
const maxLookUps = 10
