/**
 * The operations of users on their own identity.
 */
import { Clock, Context, DateTime, Effect, Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import type { Activity, AuditEvent } from "./model/AuditEvent.ts"
import { accountCredential, walletCredential } from "./model/Credential.ts"
import type { DisplayName } from "./model/DisplayName.ts"
import type { Identity } from "./model/Identity.ts"
import type { IdentityCommandOf } from "./model/IdentityCommand.ts"
import {
  type NonceInvalid,
  type OwnedByOther,
  type SignatureInvalid,
  type SiweMismatch,
  UserNotFound
} from "./model/IdentityErrors.ts"
import { LinkedAccountId } from "./model/LinkedAccount.ts"
import type { LinkedInClientId } from "./model/LinkedInProfile.ts"
import { type Origin, originOf } from "./model/Origin.ts"
import type { SessionId, SignedIn } from "./model/Session.ts"
import { temporaryWalletRef } from "./model/TemporaryWallet.ts"
import type { TokenHash } from "./model/TokenHash.ts"
import type { UserId } from "./model/UserId.ts"
import { WalletId } from "./model/Wallet.ts"
import { type Alongside, type Changed, makeOwnSteps, type OwnRefusal } from "./OwnSteps.ts"
import { IdentityRepository } from "./ports/IdentityRepository.ts"
import { LinkedIn, type LinkedInGrant } from "./ports/LinkedIn.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { type ChainUnavailable } from "./ports/WalletProof.ts"
import { type SignedMessage, WalletProofs } from "./WalletProofs.ts"

type ProofRefusal = NonceInvalid | SiweMismatch | SignatureInvalid | ChainUnavailable

/** Maximum length of a page of the activity list. */
export const maxActivityPage = 100

export class Identities extends Context.Service<Identities, {
  /** A user, as that user sees the profile. */
  me(id: UserId): Effect.Effect<Identity, UserNotFound>
  editProfile(
    who: SignedIn,
    fields: {
      readonly displayName?: DisplayName
      readonly company?: string
      readonly position?: string
    },
    origin: Origin
  ): Effect.Effect<Identity, OwnRefusal<"EditProfile">>
  /** Links the proved wallet. A change of the ways to sign in ends the user's other sessions. */
  linkWallet(who: SignedIn, proof: SignedMessage, origin: Origin): Effect.Effect<
    Changed,
    OwnRefusal<"LinkWallet"> | ProofRefusal | OwnedByOther
  >
  unlinkWallet(who: SignedIn, walletId: WalletId, origin: Origin): Effect.Effect<Changed, OwnRefusal<"UnlinkWallet">>
  setPrimaryWallet(
    who: SignedIn,
    walletId: WalletId,
    origin: Origin
  ): Effect.Effect<Identity, OwnRefusal<"SetPrimaryWallet">>
  /** `nextToken`: hash of the session's next token, which the client already has. */
  linkLinkedIn(
    who: SignedIn,
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin,
    nextToken?: TokenHash
  ): Effect.Effect<Changed, OwnRefusal<"LinkAccount"> | OwnedByOther>
  unlinkLinkedIn(who: SignedIn, origin: Origin): Effect.Effect<Changed, OwnRefusal<"UnlinkAccount">>
  /** Proves an identity again. The session's proof is fresh from now on. */
  reauthenticateByWallet(who: SignedIn, proof: SignedMessage, origin: Origin): Effect.Effect<
    Identity,
    OwnRefusal<"ReauthenticateByWallet"> | ProofRefusal
  >
  reauthenticateByLinkedIn(
    who: SignedIn,
    grant: LinkedInGrant,
    clientId: LinkedInClientId,
    origin: Origin
  ): Effect.Effect<Identity, OwnRefusal<"ReauthenticateByAccount">>
  /** Deletes all personal data for good. The id stays, since other users keep records of common calls. */
  delete(who: SignedIn, origin: Origin): Effect.Effect<void, OwnRefusal<"Delete">>
  /** The events of a user, newest first, with `seq` below `before`. */
  activity(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<Activity>>
}>()("@dchat/domain/identity/Identities") {
  static readonly layer = Layer.effect(
    Identities,
    Effect.gen(function*() {
      const repository = yield* IdentityRepository
      const sessionRows = yield* SessionRepository
      const proofs = yield* WalletProofs
      const linkedIn = yield* LinkedIn
      const tokens = yield* LinkedInTokens
      const random = yield* SecureRandom.SecureRandom
      const { actAlone, link } = yield* makeOwnSteps

      const currentClient = Option.getOrUndefined(linkedIn.clientId)
      const newTemporaryRef = Effect.gen(function*() {
        return temporaryWalletRef(yield* Clock.currentTimeMillis, yield* random.randomBytes(10))
      })

      const identityOf = Effect.map(({ identity }: Changed) => identity)

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
        function*(
          who: SignedIn,
          grant: LinkedInGrant,
          clientId: LinkedInClientId,
          origin: Origin,
          nextToken?: TokenHash
        ) {
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
            { alongside: (userId) => tokens.keepFor(userId, clientId, grant), nextToken }
          )
        }
      )

      const reauthenticated = <Tag extends "ReauthenticateByWallet" | "ReauthenticateByAccount">(
        who: SignedIn,
        origin: Origin,
        command: IdentityCommandOf<Tag>,
        alongside?: Alongside
      ) =>
        identityOf(actAlone(
          who,
          origin,
          () => command,
          {
            alongside: (userId, now) =>
              Effect.andThen(
                sessionRows.reauthenticated(who.session.id, now),
                alongside?.(userId, now) ?? Effect.void
              )
          }
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

      const activity = Effect.fn("Identities.activity")(
        function*(id: UserId, page: { readonly before?: number | undefined; readonly limit: number }) {
          const events = yield* repository.activity(id, page)
          const { wallets = [] } = Option.getOrUndefined(yield* repository.load(id)) ?? {}
          const asked = events.flatMap(({ cause }) => cause._tag === "User" ? cause.sessionId ?? [] : [])
          const found = yield* sessionRows.findByIds([...new Set(asked)])
          const origins = new Map(
            found.flatMap(({ session }) => session.userId === id ? [[session.id, originOf(session)] as const] : [])
          )
          return events.map((event) => activityOf(event, wallets, origins))
        }
      )

      /** The rows of ended sessions stay for some minutes, both of the user and of absorbed users. */
      const forgetOrigins: Alongside = (userId) =>
        Effect.flatMap(
          repository.absorbedBy(userId),
          (absorbed) => sessionRows.forgetOrigins([userId, ...absorbed])
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
        // The remaining record omits the origin of the request, which is personal data.
        delete: Effect.fn("Identities.delete")((who) =>
          Effect.asVoid(
            actAlone(who, {}, (authenticatedAt) => ({ _tag: "Delete", authenticatedAt }), { alongside: forgetOrigins })
          )
        ),
        activity
      })
    })
  )
}

/** An event with the details that its sources still hold. */
const activityOf = (
  event: AuditEvent,
  wallets: Identity["wallets"],
  origins: ReadonlyMap<SessionId, Origin>
): Activity => {
  const { cause, event: record } = event
  const origin = cause._tag === "User" && cause.sessionId !== undefined ? origins.get(cause.sessionId) : undefined
  const wallet = "walletId" in record ? wallets.find(({ id }) => id === record.walletId) : undefined
  return {
    ...event,
    ...(origin === undefined ? {} : { origin }),
    ...(wallet === undefined ? {} : { wallet })
  }
}
