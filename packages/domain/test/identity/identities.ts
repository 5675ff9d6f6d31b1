/**
 * Users, wallets and accounts by number, and the states of users after events.
 */
import {
  ChainId,
  DisplayName,
  evolve,
  type Identity,
  type IdentityEvent,
  type LinkedAccount,
  LinkedAccountId,
  type LinkedInClientId,
  type LinkedInProfile,
  LinkedInSubject,
  start,
  temporaryWalletRef,
  UserId,
  type Wallet,
  WalletAddress,
  WalletId
} from "@dchat/domain/identity"
import { DateTime, type Duration } from "effect"
import { application } from "./LinkedInAnswers.ts"

export const beginning = DateTime.makeUnsafe("2026-01-01T12:00:00Z")

export const after = (amount: Duration.Input) => DateTime.addDuration(beginning, amount)

const uuid = (kind: number, number: number) => `0000000${kind}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`

export const userId = (number: number) => UserId.make(uuid(1, number))
export const walletId = (number: number) => WalletId.make(uuid(2, number))
export const accountId = (number: number) => LinkedAccountId.make(uuid(3, number))
export const temporaryRef = (number: number) => temporaryWalletRef(number, new Uint8Array(10))

/** The address of this number. */
export const addressOf = (number: number) => WalletAddress.make(`0x${(number + 1).toString(16).padStart(40, "0")}`)

/** An externally owned account of this number, or a contract on a chain. */
export const wallet = (number: number, fields: Partial<Wallet> = {}): Wallet => ({
  id: walletId(number),
  userId: userId(0),
  kind: "eoa",
  address: addressOf(number),
  isPrimary: false,
  verifiedAt: beginning,
  ...fields
})

export const contract = (number: number, chain: number): Wallet =>
  wallet(number, { kind: "contract", chainId: ChainId.make(chain) })

export const profile = (number: number, fields: Partial<LinkedInProfile> = {}): LinkedInProfile => ({
  subject: LinkedInSubject.make(`subject-${number}`),
  name: `Person ${number}`,
  emailVerified: false,
  ...fields
})

export const account = (
  number: number,
  { clientId = application, ...fields }: Partial<LinkedInProfile> & { readonly clientId?: LinkedInClientId } = {}
): LinkedAccount => ({
  id: accountId(number),
  userId: userId(0),
  provider: "linkedin",
  clientId,
  profile: profile(number, fields),
  linkedAt: beginning,
  lastSyncAt: beginning
})

/** The state of a user after these events, all of them at the beginning. */
export const having = (identity: Identity, ...events: ReadonlyArray<IdentityEvent>): Identity =>
  events.reduce((state, event) => evolve(state, event, beginning), identity)

/** The user of this number with these credentials; the first wallet is the primary one. */
export const user = (number: number, { accounts = [], name = "Ann", wallets = [] }: {
  readonly wallets?: ReadonlyArray<Wallet>
  readonly accounts?: ReadonlyArray<LinkedAccount>
  readonly name?: string
} = {}): Identity => {
  const id = userId(number)
  const method = wallets.length > 0 ? "wallet" : "linkedin"
  return having(
    start({ _tag: "Registered", userId: id, displayName: DisplayName.make(name), method }, beginning),
    ...wallets.map((some, index) => ({
      _tag: "WalletLinked" as const,
      wallet: { ...some, userId: id, isPrimary: index === 0 }
    })),
    ...accounts.map((some) => ({ _tag: "AccountLinked" as const, account: { ...some, userId: id } })),
    ...(wallets.length > 0 ? [] : [{
      _tag: "TemporaryWalletAssigned" as const,
      temporaryWallet: { ref: temporaryRef(number), userId: id, createdAt: beginning }
    }])
  )
}
