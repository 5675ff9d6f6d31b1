/**
 * The rules of merging two users after one human has proved to be both.
 */
import { type DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { type Credential, holdsCredential } from "../model/Credential.ts"
import type { Identity } from "../model/Identity.ts"
import { maxWallets } from "../model/Identity.ts"
import {
  MergeTicketInvalid,
  MergeTwoLinkedIn,
  TooManyWallets,
  UserDisabled,
  UserNotFound
} from "../model/IdentityErrors.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"

export interface Merge {
  readonly survivor: ReadonlyArray<IdentityEvent>
  readonly absorbed: ReadonlyArray<IdentityEvent>
}

/**
 * Whether the right of `proved` to merge these two users is still valid: both users exist, and the absorbed user still
 * holds the proved credential.
 */
export const mayMerge = rule((survivor: Identity, absorbed: Identity, proved: Credential) => {
  for (const { id, status } of [survivor, absorbed]) {
    if (status === "disabled") return Result.fail(new UserDisabled({ userId: id }))
    if (status !== "active") return Result.fail(new UserNotFound({ userId: id }))
  }
  return holdsCredential(absorbed, proved) ? Result.void : Result.fail(new MergeTicketInvalid())
})

/** The survivor receives wallets and accounts, and keeps the survivor's own name, primary wallet and lines. */
export const merge = rule((survivor: Identity, absorbed: Identity, proved: Credential, at: DateTime.Utc) => {
  const allowed = mayMerge(survivor, absorbed, proved)
  if (Result.isFailure(allowed)) return Result.fail(allowed.failure)
  const isTaken = absorbed.accounts.some((account) =>
    survivor.accounts.some((own) => own.clientId === account.clientId)
  )
  if (isTaken) return Result.fail(new MergeTwoLinkedIn())
  if (survivor.wallets.length + absorbed.wallets.length > maxWallets) {
    return Result.fail(new TooManyWallets({ limit: maxWallets }))
  }
  return Result.succeed<Merge>({
    survivor: [
      { _tag: "Absorbed", userId: absorbed.id },
      ...absorbed.wallets.map((wallet, index): IdentityEvent => ({
        _tag: "WalletLinked",
        wallet: { ...wallet, userId: survivor.id, isPrimary: survivor.wallets.length === 0 && index === 0 }
      })),
      ...absorbed.accounts.map((account): IdentityEvent => ({
        _tag: "AccountLinked",
        account: { ...account, userId: survivor.id, lastSyncAt: at }
      })),
      ...retired(survivor, absorbed)
    ],
    absorbed: [
      ...(absorbed.temporaryWallet === undefined
        ? []
        : [{ _tag: "TemporaryWalletRetired", ref: absorbed.temporaryWallet.ref } as const]),
      { _tag: "MergedInto", userId: survivor.id }
    ]
  })
})

/** The refusals of a merge. */
export type MergeRefusal = Result.Result.Failure<ReturnType<typeof merge>>

const retired = ({ temporaryWallet }: Identity, { wallets }: Identity): ReadonlyArray<IdentityEvent> =>
  temporaryWallet === undefined || wallets.length === 0
    ? []
    : [{ _tag: "TemporaryWalletRetired", ref: temporaryWallet.ref }]
