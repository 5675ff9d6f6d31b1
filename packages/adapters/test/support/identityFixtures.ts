/**
 * People, wallets and sessions as tests need them: valid, and different each time.
 */
import {
  DisplayName,
  type Session,
  SessionId,
  TokenHash,
  type User,
  UserId,
  type Wallet,
  WalletAddress,
  WalletId
} from "@dchat/domain/identity"
import { DateTime, Duration } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"

export const noon = DateTime.makeUnsafe("2026-01-01T12:00:00.123Z")

export const someAddress = () => WalletAddress.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(20))}`)

export const someHash = () => TokenHash.make(Hex.encode(SecureRandom.randomBytesUnsafe(32)))

export const someUser = (options: { readonly name?: string; readonly status?: User["status"] } = {}): User => ({
  id: UserId.make(SecureRandom.uuidV7Unsafe()),
  status: options.status ?? "active",
  displayName: DisplayName.make(options.name ?? "Ann"),
  createdAt: noon
})

export const walletOf = (user: User, address = someAddress()): Wallet => ({
  id: WalletId.make(SecureRandom.uuidV7Unsafe()),
  userId: user.id,
  kind: "eoa",
  address,
  isPrimary: true,
  verifiedAt: noon
})

export const sessionOf = (user: User): Session => ({
  id: SessionId.make(SecureRandom.uuidV7Unsafe()),
  userId: user.id,
  authenticatedAt: noon,
  createdAt: noon,
  lastSeenAt: noon,
  idleExpiresAt: DateTime.addDuration(noon, Duration.days(7)),
  absoluteExpiresAt: DateTime.addDuration(noon, Duration.days(30))
})
