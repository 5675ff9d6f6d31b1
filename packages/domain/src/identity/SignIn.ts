/**
 * From a proved wallet or account to the person who holds it; the first time, this makes the person.
 */
import { Clock, Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { AuditCause } from "./AuditEvent.ts"
import { accountOf, type Identity } from "./Identity.ts"
import type { IdentityCommand } from "./IdentityCommand.ts"
import type { UserDisabled } from "./IdentityErrors.ts"
import { isSameWallet, register } from "./IdentityMachine.ts"
import { IdentityRepository } from "./IdentityRepository.ts"
import { beginning, makeIdentitySteps } from "./IdentitySteps.ts"
import { LinkedAccountId } from "./LinkedAccount.ts"
import type { LinkedInGrant } from "./LinkedIn.ts"
import type { LinkedInClientId } from "./LinkedInProfile.ts"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import type { Origin } from "./Origin.ts"
import { temporaryWalletRef } from "./TemporaryWallet.ts"
import { UserId } from "./UserId.ts"
import { WalletId } from "./Wallet.ts"
import type { ProvedWallet } from "./WalletProofs.ts"

export class SignIn extends Context.Service<SignIn, {
  /** Who holds this wallet. */
  byWallet(wallet: ProvedWallet, origin: Origin): Effect.Effect<UserId, UserDisabled>
  /** Who holds this account; keeps what LinkedIn says of them now. */
  byLinkedIn(grant: LinkedInGrant, clientId: LinkedInClientId, origin: Origin): Effect.Effect<UserId, UserDisabled>
}>()("@dchat/domain/identity/SignIn") {
  static readonly layer = Layer.effect(
    SignIn,
    Effect.gen(function*() {
      const repository = yield* IdentityRepository
      const random = yield* SecureRandom.SecureRandom
      const tokens = yield* LinkedInTokens
      const { perform } = yield* makeIdentitySteps

      /** Somebody known comes in, if they still hold the credential once they are locked. */
      const enter = (id: UserId, cause: AuditCause, command: (identity: Identity) => SignInCommand | undefined) =>
        perform(
          id,
          cause,
          (identity) => {
            const asked = command(identity)
            return asked === undefined ? Effect.fail(new Moved()) : Effect.succeed(asked)
          },
          () => Effect.void
        ).pipe(
          Effect.as(id),
          Effect.catch((failure): Effect.Effect<never, UserDisabled | Moved> => {
            if (failure._tag === "UserDisabled") return Effect.fail(failure)
            const isGone = failure._tag === "Moved" || failure._tag === "UserNotFound"
            return isGone ? Effect.fail(new Moved()) : Effect.die(failure)
          })
        )

      const create = Effect.fnUntraced(function*(cause: AuditCause, newcomer: Effect.Effect<RegisterCommand>) {
        const at = yield* DateTime.now
        const change = beginning(register(yield* newcomer, at), at)
        yield* repository.create({ changes: [change], cause, at })
        return change.identity.id
      })

      const byWallet = Effect.fn("SignIn.byWallet")((wallet: ProvedWallet, origin: Origin) => {
        const cause: AuditCause = { _tag: "User", origin }
        const newcomer = Effect.gen(function*(): Effect.fn.Return<RegisterCommand> {
          const id = WalletId.make(yield* random.uuidV7())
          const userId = UserId.make(yield* random.uuidV7())
          return {
            _tag: "RegisterByWallet",
            wallet: { ...wallet, id, userId, isPrimary: true, verifiedAt: yield* DateTime.now }
          }
        })
        return identify(
          repository.ownerOfWallet(wallet),
          (id) =>
            enter(id, cause, ({ status, wallets }) => {
              const holds = status !== "active" || wallets.some((own) => isSameWallet(own, wallet))
              return holds ? { _tag: "SignIn", method: "wallet" } : undefined
            }),
          Effect.mapError(create(cause, newcomer), () => new Moved())
        )
      })

      const byLinkedIn = Effect.fn("SignIn.byLinkedIn")(
        function*(grant: LinkedInGrant, clientId: LinkedInClientId, origin: Origin) {
          const cause: AuditCause = { _tag: "User", origin }
          const { profile } = grant
          const newcomer = Effect.gen(function*(): Effect.fn.Return<RegisterCommand> {
            const now = yield* DateTime.now
            const id = LinkedAccountId.make(yield* random.uuidV7())
            const userId = UserId.make(yield* random.uuidV7())
            return {
              _tag: "RegisterByAccount",
              account: { id, userId, provider: "linkedin", clientId, profile, linkedAt: now, lastSyncAt: now },
              temporaryRef: temporaryWalletRef(yield* Clock.currentTimeMillis, yield* random.randomBytes(10))
            }
          })
          const id = yield* identify(
            repository.ownerOfAccount(clientId, profile.subject),
            (owner) =>
              enter(owner, cause, (identity) => {
                if (identity.status !== "active") return { _tag: "SignIn", method: "linkedin" }
                const account = accountOf(identity, clientId)
                return account?.profile.subject === profile.subject
                  ? { _tag: "SignIn", method: "linkedin", account: { id: account.id, profile } }
                  : undefined
              }),
            Effect.mapError(create(cause, newcomer), () => new Moved())
          )
          yield* tokens.keepFor(id, clientId, grant)
          return id
        }
      )

      return SignIn.of({ byWallet, byLinkedIn })
    })
  )
}

/** Looks up who it is as often as that has changed by the time they are locked. */
const identify = (
  find: Effect.Effect<Option.Option<UserId>>,
  known: (id: UserId) => Effect.Effect<UserId, UserDisabled | Moved>,
  create: Effect.Effect<UserId, Moved>
): Effect.Effect<UserId, UserDisabled> =>
  Effect.flatMap(find, (owner) => Option.isSome(owner) ? known(owner.value) : create).pipe(
    Effect.retry({ times: maxLookUps, while: (failure) => failure._tag === "Moved" }),
    Effect.catchTag("Moved", (failure) => Effect.die(failure))
  )

type SignInCommand = Extract<IdentityCommand, { readonly _tag: "SignIn" }>
type RegisterCommand = Extract<IdentityCommand, { readonly _tag: "RegisterByWallet" | "RegisterByAccount" }>

/** Each time it takes somebody to link, unlink or merge the very credential in between. */
const maxLookUps = 10

/** The credential is somebody else's by now. */
class Moved extends Schema.TaggedError<Moved>()("Moved", {}) {}
