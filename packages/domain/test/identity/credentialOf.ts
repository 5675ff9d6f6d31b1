/**
 * Something by which somebody is known, as a proof names it.
 */
import {
  accountCredential,
  type Credential,
  Identities,
  type Identity,
  LinkedInSubject,
  type Proved,
  type UserId,
  walletCredential
} from "@dchat/domain/identity"
import { DateTime, Effect } from "effect"
import { application } from "./LinkedInAnswers.ts"

/** The first wallet of a person, or the first account; something that nobody has, of a person who holds nothing. */
export const heldBy = ({ accounts: [account], wallets: [wallet] }: Identity): Credential => {
  if (wallet !== undefined) return walletCredential(wallet)
  return account === undefined
    ? accountCredential(application, LinkedInSubject.make("nobody-has-this"))
    : accountCredential(account.clientId, account.profile.subject)
}

export const credentialOf = Effect.fnUntraced(function*(id: UserId) {
  return heldBy(yield* (yield* Identities).me(id))
})

/** This person, as if they had just proved what they hold. */
export const provedBy = Effect.fnUntraced(function*(userId: UserId) {
  const proved: Proved = { userId, credential: yield* credentialOf(userId), at: yield* DateTime.now }
  return proved
}, Effect.orDie)
