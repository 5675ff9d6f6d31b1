/**
 * Proves a wallet: issues a message (EIP-4361), and accepts its signature once.
 */
import { Context, DateTime, Duration, Effect, Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { ChainId } from "./model/ChainId.ts"
import { NonceInvalid, type SignatureInvalid, SiweMismatch } from "./model/IdentityErrors.ts"
import type { ProofPurpose } from "./model/OAuthFlow.ts"
import type { Session } from "./model/Session.ts"
import { siweMessage } from "./model/SiweMessage.ts"
import { type SiweNonce, SiweNonceId, siweNonceLifetime, siweNonces } from "./model/SiweNonce.ts"
import type { Wallet } from "./model/Wallet.ts"
import type { WalletAddress } from "./model/WalletAddress.ts"
import { SingleUse } from "./ports/SingleUse.ts"
import { type ChainUnavailable, WalletProof } from "./ports/WalletProof.ts"

/** The words above the signature. A proof for linking can end in a merge, so the message says so. */
const statements: Readonly<Record<ProofPurpose, string>> = {
  login: "Sign in with this wallet. It costs nothing and moves no funds.",
  link: "Add this wallet to the account that asks for it. Where the wallet signs in to another account here, " +
    "the account that asks can then take over that other account with all it has. " +
    "It costs nothing and moves no funds.",
  reauth: "Show that it is still you. It costs nothing and moves no funds."
}

/** The purpose of a proof. A proof for a purpose other than sign-in belongs to the session that requested the proof. */
export type ProofUse =
  | { readonly purpose: "login" }
  | { readonly purpose: "link" | "reauth"; readonly session: Pick<Session, "id" | "userId"> }

/** An account on chain that a user has just proved to hold. */
export type ProvedWallet = Pick<Wallet, "kind" | "chainId" | "address">

export interface SignedMessage {
  readonly nonceId: SiweNonceId
  readonly signature: string
  /** If given, the text must equal the issued message. */
  readonly message?: string | undefined
}

export class WalletProofs extends Context.Service<WalletProofs, {
  /**
   * Makes and stores the complete message to be signed. `domain` and `uri` name this installation and come from its
   * configuration, never from the request. `expiresIn` is in seconds.
   */
  request(request: {
    readonly address: WalletAddress
    readonly chainId: ChainId
    readonly domain: string
    readonly uri: string
    readonly use: ProofUse
  }): Effect.Effect<{ readonly nonceId: SiweNonceId; readonly message: string; readonly expiresIn: number }>
  /** Any attempt uses the message up, before anything else about it is examined. */
  accept(
    proof: SignedMessage,
    use: ProofUse
  ): Effect.Effect<ProvedWallet, NonceInvalid | SiweMismatch | SignatureInvalid | ChainUnavailable>
}>()("@dchat/domain/identity/WalletProofs") {
  static readonly layer = Layer.effect(
    WalletProofs,
    Effect.gen(function*() {
      const store = yield* SingleUse
      const wallets = yield* WalletProof
      const random = yield* SecureRandom.SecureRandom

      const request = Effect.fn("WalletProofs.request")(
        function*({ address, chainId, domain, uri, use }: Parameters<WalletProofs["Service"]["request"]>[0]) {
          const issuedAt = yield* DateTime.now
          const expiresAt = DateTime.addDuration(issuedAt, siweNonceLifetime)
          const nonce: SiweNonce = {
            id: SiweNonceId.make(yield* random.uuidV7()),
            purpose: use.purpose,
            ...(use.purpose === "login" ? {} : { sessionId: use.session.id, userId: use.session.userId }),
            address,
            chainId,
            message: siweMessage({
              domain,
              address: wallets.checksummed(address),
              statement: statements[use.purpose],
              uri,
              chainId,
              nonce: Hex.encode(yield* random.randomBytes(16)),
              issuedAt,
              expirationTime: expiresAt
            }),
            issuedAt,
            expiresAt
          }
          yield* store.put(siweNonces, nonce)
          return { nonceId: nonce.id, message: nonce.message, expiresIn: Duration.toSeconds(siweNonceLifetime) }
        }
      )

      const accept = Effect.fn("WalletProofs.accept")(
        function*({ message, nonceId, signature }: SignedMessage, use: ProofUse) {
          const consumed = yield* store.consume(siweNonces, nonceId)
          const now = yield* DateTime.now
          if (Option.isNone(consumed) || !isUsable(consumed.value, use, now)) return yield* new NonceInvalid()
          const { address, chainId, message: issued } = consumed.value
          if (message !== undefined && message !== issued) return yield* new SiweMismatch()
          const kind = yield* wallets.verify({ address, chainId, message: issued, signature })
          return kind === "eoa" ? { kind, address } : { kind, address, chainId }
        }
      )

      return WalletProofs.of({ request, accept })
    })
  )
}

const isUsable = ({ expiresAt, purpose, sessionId }: SiweNonce, use: ProofUse, now: DateTime.Utc): boolean =>
  purpose === use.purpose &&
  (use.purpose === "login" || sessionId === use.session.id) &&
  DateTime.isLessThan(now, expiresAt)
