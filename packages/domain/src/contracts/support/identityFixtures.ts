/**
 * Users, wallets, accounts and sessions for tests: valid, and different each time.
 */
import { DateTime, Duration, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import {
  accountCredential,
  type AuditCause,
  type Credential,
  DisplayName,
  evolve,
  type Identity,
  type IdentityChange,
  type IdentityEvent,
  IdentityRepository,
  type LinkedAccount,
  LinkedAccountId,
  LinkedInClientId,
  type LinkedInProfile,
  LinkedInSubject,
  type Session,
  SessionId,
  start,
  temporaryWalletRef,
  TokenHash,
  type User,
  UserId,
  type Wallet,
  WalletAddress,
  walletCredential,
  WalletId
} from "../../identity/index.ts"

export const noon = DateTime.makeUnsafe("2026-01-01T12:00:00.123Z")

export const byTest: AuditCause = { _tag: "User", origin: { userAgent: "Firefox", address: "::1" } }

export const application = LinkedInClientId.make("78abcdefghijkl")

export const someAddress = () => WalletAddress.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(20))}`)

export const someHash = () => TokenHash.make(Hex.encode(SecureRandom.randomBytesUnsafe(32)))

export const someUserId = () => UserId.make(SecureRandom.uuidV7Unsafe())

export const someSessionId = () => SessionId.make(SecureRandom.uuidV7Unsafe())

export const someTemporaryRef = () => temporaryWalletRef(0, SecureRandom.randomBytesUnsafe(10))

export const someWallet = (fields: Partial<Wallet> = {}): Wallet => ({
  id: WalletId.make(SecureRandom.uuidV7Unsafe()),
  userId: someUserId(),
  kind: "eoa",
  address: someAddress(),
  isPrimary: false,
  verifiedAt: noon,
  ...fields
})

export const someProfile = (fields: Partial<LinkedInProfile> = {}): LinkedInProfile => ({
  subject: LinkedInSubject.make(SecureRandom.uuidV7Unsafe()),
  name: "Ann Smith",
  email: "ann@example.com",
  emailVerified: true,
  picture: "https://media.example/ann.jpg",
  locale: "en-US",
  ...fields
})

export const someAccount = (
  { clientId = application, ...profile }: Partial<LinkedInProfile> & { readonly clientId?: LinkedInClientId } = {}
): LinkedAccount => ({
  id: LinkedAccountId.make(SecureRandom.uuidV7Unsafe()),
  userId: someUserId(),
  provider: "linkedin",
  clientId,
  profile: someProfile(profile),
  linkedAt: noon,
  lastSyncAt: noon
})

/** A user after these events, all of them at noon. */
export const after = (identity: Identity, events: ReadonlyArray<IdentityEvent>): IdentityChange => ({
  identity: events.reduce((state, event) => evolve(state, event, noon), identity),
  events
})

/** A new user with these wallets, of which the first is primary, and accounts. Default: one wallet. */
export const newcomer = ({ accounts = [], name = "Ann", status = "active", wallets }: {
  readonly name?: string
  readonly status?: "active" | "disabled"
  readonly wallets?: ReadonlyArray<Wallet>
  readonly accounts?: ReadonlyArray<LinkedAccount>
} = {}): IdentityChange => {
  const userId = someUserId()
  const held = wallets ?? (accounts.length === 0 ? [someWallet()] : [])
  const displayName = DisplayName.make(name)
  const first = { _tag: "Registered", userId, displayName, method: held.length > 0 ? "wallet" : "linkedin" } as const
  const rest: ReadonlyArray<IdentityEvent> = [
    ...held.map((wallet, index) => ({
      _tag: "WalletLinked" as const,
      wallet: { ...wallet, userId, isPrimary: index === 0 }
    })),
    ...accounts.map((account) => ({ _tag: "AccountLinked" as const, account: { ...account, userId } })),
    ...(held.length === 0
      ? [{
        _tag: "TemporaryWalletAssigned" as const,
        temporaryWallet: { ref: someTemporaryRef(), userId, createdAt: noon }
      }]
      : []),
    ...(status === "disabled" ? [{ _tag: "Disabled" as const, reason: "a test" }] : [])
  ]
  return { identity: after(start(first, noon), rest).identity, events: [first, ...rest] }
}

/** Stores a new user. */
export const signUp = Effect.fnUntraced(function*(options: Parameters<typeof newcomer>[0] = {}) {
  const change = newcomer(options)
  yield* Effect.orDie(
    (yield* IdentityRepository).create({ changes: [change], cause: byTest, at: noon, alongside: Effect.void })
  )
  return change.identity
})

/** Stores the events of a user. Returns the current state of the user. */
export const happened = Effect.fnUntraced(function*(id: UserId, ...events: ReadonlyArray<IdentityEvent>) {
  return yield* (yield* IdentityRepository).change([id], ([found]) => {
    if (found === undefined) return Effect.die(`nobody has the id ${id}`)
    const change = after(found, events)
    return Effect.succeed({
      changes: [change],
      cause: byTest,
      at: noon,
      alongside: Effect.succeed(change.identity)
    })
  })
}, Effect.orDie)

export const userOf = ({ createdAt, displayName, id, status }: Identity): User => ({
  id,
  status,
  displayName,
  createdAt
})

export const sessionOf = ({ id }: Pick<User, "id">, fields: Partial<Session> = {}): Session => ({
  id: someSessionId(),
  userId: id,
  authenticatedAt: noon,
  createdAt: noon,
  lastSeenAt: noon,
  idleExpiresAt: DateTime.addDuration(noon, Duration.days(7)),
  absoluteExpiresAt: DateTime.addDuration(noon, Duration.days(30)),
  generation: 0,
  ...fields
})

/** The first wallet or account of a user. For a user without any, a credential that no user holds. */
export const heldBy = ({ accounts: [account], wallets: [wallet] }: Identity): Credential => {
  if (wallet !== undefined) return walletCredential(wallet)
  return account === undefined
    ? accountCredential(application, LinkedInSubject.make("nobody-has-this"))
    : accountCredential(account.clientId, account.profile.subject)
}
