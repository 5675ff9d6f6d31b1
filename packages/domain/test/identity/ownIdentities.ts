/**
 * The service of one's own identity, asked in a session as it is now: its token may have been replaced since.
 */
import { Identities, type SignedIn } from "@dchat/domain/identity"
import { Effect } from "effect"
import { renewed } from "./signedIn.ts"

export const ownIdentities = Effect.map(Identities, (identities) => {
  const now =
    <Rest extends ReadonlyArray<unknown>, A, E, R>(method: (who: SignedIn, ...rest: Rest) => Effect.Effect<A, E, R>) =>
    (who: SignedIn, ...rest: Rest) => Effect.flatMap(renewed(who), (current) => method(current, ...rest))

  return {
    ...identities,
    delete: now(identities.delete),
    editProfile: now(identities.editProfile),
    linkLinkedIn: now(identities.linkLinkedIn),
    linkWallet: now(identities.linkWallet),
    reauthenticateByLinkedIn: now(identities.reauthenticateByLinkedIn),
    reauthenticateByWallet: now(identities.reauthenticateByWallet),
    setPrimaryWallet: now(identities.setPrimaryWallet),
    unlinkLinkedIn: now(identities.unlinkLinkedIn),
    unlinkWallet: now(identities.unlinkWallet)
  }
})
