/**
 * The identity services as one layer over the ports.
 */
import { Layer } from "effect"
import { Identities } from "./Identities.ts"
import { IdentityAdministration } from "./IdentityAdministration.ts"
import { LinkedInFlows } from "./LinkedInFlows.ts"
import { LinkedInProfiles } from "./LinkedInProfiles.ts"
import { LinkedInTokens } from "./LinkedInTokens.ts"
import { Merging } from "./Merging.ts"
import { NativeSignIn } from "./NativeSignIn.ts"
import { People } from "./People.ts"
import { RealtimeTickets } from "./RealtimeTickets.ts"
import { Sessions } from "./Sessions.ts"
import { SignIn } from "./SignIn.ts"
import { TokenVault } from "./TokenVault.ts"
import { WalletProofs } from "./WalletProofs.ts"

/** The services that a host of identity needs. */
export const layerIdentityServices = Layer.mergeAll(
  IdentityAdministration.layer,
  LinkedInFlows.layer,
  LinkedInProfiles.layer
).pipe(
  Layer.provideMerge(Identities.layer),
  Layer.provideMerge(Layer.mergeAll(Merging.layer, NativeSignIn.layer, SignIn.layer, WalletProofs.layer)),
  Layer.provideMerge(LinkedInTokens.layer),
  Layer.provideMerge(Layer.mergeAll(Sessions.layer, TokenVault.layer, People.layer, RealtimeTickets.layer))
)
