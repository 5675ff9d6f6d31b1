/**
 * Somebody with a wallet, without the signature.
 */
import {
  type DisplayName,
  displayNameOf,
  UserId,
  UserRepository,
  type UserStatus,
  WalletAddress,
  WalletId
} from "@dchat/domain/identity"
import { DateTime, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"

export const signedUp = Effect.fnUntraced(function*(
  options: {
    readonly status?: UserStatus
    readonly address?: WalletAddress
    readonly displayName?: DisplayName
  } = {}
) {
  const at = yield* DateTime.now
  const id = UserId.make(SecureRandom.uuidV7Unsafe())
  const address = options.address ?? WalletAddress.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(20))}`)
  const user = {
    id,
    status: options.status ?? "active",
    displayName: options.displayName ?? displayNameOf(address),
    createdAt: at
  }
  return yield* (yield* UserRepository).createOrLoadByWallet(user, {
    id: WalletId.make(SecureRandom.uuidV7Unsafe()),
    userId: id,
    kind: "eoa",
    address,
    isPrimary: true,
    verifiedAt: at
  })
})
