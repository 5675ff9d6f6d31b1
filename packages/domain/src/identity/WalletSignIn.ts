/**
 * Signing in by wallet: hand out a message, accept its signature once.
 */
import { Context, DateTime, Duration, Effect, Layer, Option, type Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { displayNameOf } from "./DisplayName.ts"
import { NonceInvalid, SignatureInvalid, SiweMismatch, UserDisabled } from "./IdentityErrors.ts"
import type { Session, SessionToken } from "./Session.ts"
import { Sessions } from "./Sessions.ts"
import { type ChainId, siweMessage } from "./SiweMessage.ts"
import { type SiweNonce, SiweNonceId, siweNonceLifetime } from "./SiweNonce.ts"
import { SiweNonceRepository } from "./SiweNonceRepository.ts"
import type { User } from "./User.ts"
import { UserId } from "./UserId.ts"
import { UserRepository } from "./UserRepository.ts"
import { WalletId } from "./Wallet.ts"
import type { WalletAddress } from "./WalletAddress.ts"
import { WalletProof } from "./WalletProof.ts"

const statement = "Sign in with this wallet. It costs nothing and moves no funds."

export class WalletSignIn extends Context.Service<WalletSignIn, {
  /**
   * Makes and remembers the complete message to be signed. `domain` and `uri` name this installation and come from
   * its configuration, never from the request. `expiresIn` is in seconds.
   */
  requestNonce(request: {
    readonly address: WalletAddress
    readonly chainId: ChainId
    readonly domain: string
    readonly uri: string
  }): Effect.Effect<{ readonly nonceId: SiweNonceId; readonly message: string; readonly expiresIn: number }>
  /**
   * Signs in with the signature of a message handed out by `requestNonce`; the first time, this makes the user. Any
   * attempt uses the message up, before anything else about it is examined. `message`, when given, must be the one
   * handed out.
   */
  verify(proof: {
    readonly nonceId: SiweNonceId
    readonly signature: string
    readonly message?: string | undefined
    readonly userAgent?: string | undefined
  }): Effect.Effect<
    { readonly user: User; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> },
    NonceInvalid | SiweMismatch | SignatureInvalid | UserDisabled
  >
}>()("@dchat/domain/identity/WalletSignIn") {
  static readonly layer = Layer.effect(
    WalletSignIn,
    Effect.gen(function*() {
      const nonces = yield* SiweNonceRepository
      const users = yield* UserRepository
      const sessions = yield* Sessions
      const wallets = yield* WalletProof
      const random = yield* SecureRandom.SecureRandom

      const userOf = Effect.fnUntraced(function*(address: WalletAddress) {
        const known = yield* users.findByWallet(address)
        if (Option.isSome(known)) return known.value
        const now = yield* DateTime.now
        const userId = UserId.make(yield* random.uuidV7())
        return yield* users.createOrLoadByWallet(
          { id: userId, status: "active", displayName: displayNameOf(address), createdAt: now },
          {
            id: WalletId.make(yield* random.uuidV7()),
            userId,
            kind: "eoa",
            address,
            isPrimary: true,
            verifiedAt: now
          }
        )
      })

      const requestNonce = Effect.fn("WalletSignIn.requestNonce")(
        function*({ address, chainId, domain, uri }: Parameters<WalletSignIn["Service"]["requestNonce"]>[0]) {
          const issuedAt = yield* DateTime.now
          const expiresAt = DateTime.addDuration(issuedAt, siweNonceLifetime)
          const nonce: SiweNonce = {
            id: SiweNonceId.make(yield* random.uuidV7()),
            purpose: "login",
            address,
            chainId,
            message: siweMessage({
              domain,
              address: wallets.checksummed(address),
              statement,
              uri,
              chainId,
              nonce: Hex.encode(yield* random.randomBytes(16)),
              issuedAt,
              expirationTime: expiresAt
            }),
            issuedAt,
            expiresAt
          }
          yield* nonces.insert(nonce)
          return { nonceId: nonce.id, message: nonce.message, expiresIn: Duration.toSeconds(siweNonceLifetime) }
        }
      )

      const verify = Effect.fn("WalletSignIn.verify")(
        function*({ message, nonceId, signature, userAgent }: Parameters<WalletSignIn["Service"]["verify"]>[0]) {
          const consumed = yield* nonces.consume(nonceId)
          if (Option.isNone(consumed)) return yield* new NonceInvalid()
          const nonce = consumed.value
          const now = yield* DateTime.now
          if (nonce.purpose !== "login" || DateTime.isGreaterThanOrEqualTo(now, nonce.expiresAt)) {
            return yield* new NonceInvalid()
          }
          if (message !== undefined && message !== nonce.message) return yield* new SiweMismatch()
          const signer = yield* wallets.signerOf(nonce.message, signature)
          if (signer !== nonce.address) return yield* new SignatureInvalid()
          const user = yield* userOf(signer)
          if (user.status !== "active") return yield* new UserDisabled({ userId: user.id })
          return { user, ...yield* sessions.issue(user.id, { userAgent }) }
        }
      )

      return WalletSignIn.of({ requestNonce, verify })
    })
  )
}
