/**
 * The services of all features over the given ports, and their background loops.
 */
import { DeletedUserBilling } from "@dchat/domain/billing"
import {
  CallClock,
  type CallDirectory,
  type CallPolicy,
  layerArchiving,
  layerCallServices,
  type RingLimit
} from "@dchat/domain/call"
import { KeepLinkedInTokens, layerIdentityServices, NativeRedirects } from "@dchat/domain/identity"
import { Loops } from "@dchat/domain/loop"
import { type Billing, layerSubscriptionServices, SubscriptionClock } from "@dchat/domain/subscription"
import { Layer } from "effect"
import {
  AllMergeParticipants,
  IdentityUsageOwners,
  SubscriptionCallEntitlement,
  SubscriptionCallLimits
} from "../bridges/index.ts"
import { Cryptography } from "../crypto/Cryptography.ts"
import { JoseAccessTokens, JoseStateTokens } from "../jose/index.ts"
import { LinkedInOpenId } from "../linkedin/index.ts"
import { type EvmChains, ViemWalletProof } from "../viem/index.ts"
import { Housekeeping } from "./Housekeeping.ts"
import { type OnchainOptions, OnchainServices } from "./OnchainServices.ts"

/** The options by which an installation authenticates its users. */
export interface IdentityOptions {
  /** The origin that the tokens of this installation name as their issuer. */
  readonly issuer: string
  /** The application at LinkedIn. Without it, users cannot sign in by LinkedIn. */
  readonly linkedIn?: LinkedInOpenId.Options | undefined
  /** Whether LinkedIn's access tokens are kept, sealed, so that profiles can be read again. */
  readonly keepLinkedInTokens: boolean
  /** The chains at which contract wallets verify their signatures. */
  readonly chains: EvmChains
  readonly nativeRedirects: ReadonlyArray<string>
  /** Services for which access tokens are made. */
  readonly accessTokenAudiences: ReadonlyArray<string>
}

const identityAdapters = (
  { accessTokenAudiences: audiences, chains, issuer, keepLinkedInTokens, linkedIn, nativeRedirects }: IdentityOptions
) =>
  Layer.mergeAll(
    ViemWalletProof.layerWith({ chains }),
    linkedIn === undefined ? LinkedInOpenId.layerNotConfigured : LinkedInOpenId.layer(linkedIn),
    JoseStateTokens.layer({ issuer }),
    JoseAccessTokens.layer({ issuer, audiences }),
    Layer.succeed(KeepLinkedInTokens, keepLinkedInTokens),
    Layer.succeed(NativeRedirects, nativeRedirects)
  )

const identity = (options: IdentityOptions) =>
  layerIdentityServices.pipe(
    Layer.provide(AllMergeParticipants.layer),
    Layer.provideMerge(identityAdapters(options))
  )

const calls = <A, E, R>(rules: Layer.Layer<A | CallDirectory | CallPolicy | RingLimit, E, R>) =>
  Layer.mergeAll(CallClock.layerSweeping, layerArchiving, SubscriptionCallLimits.layer).pipe(
    Layer.provideMerge(layerCallServices),
    Layer.provide([SubscriptionCallEntitlement.layer, rules])
  )

const subscriptions = <A, E, R>(billing: Layer.Layer<A | Billing, E, R>, onchain: OnchainOptions) =>
  SubscriptionClock.layerSweeping.pipe(
    Layer.provideMerge(layerSubscriptionServices.pipe(Layer.provide(IdentityUsageOwners.layer))),
    Layer.provideMerge(billing),
    Layer.provideMerge(OnchainServices(onchain))
  )

/** The decisions of an application about calls: who may call whom, and how often. */
export interface ServicesOptions<A, E, R, A2, E2, R2> {
  readonly identity: IdentityOptions
  readonly callRules: Layer.Layer<A | CallDirectory | CallPolicy | RingLimit, E, R>
  readonly billing: Layer.Layer<A2 | Billing, E2, R2>
  /** Payments on chains. */
  readonly onchain: OnchainOptions
}

export const Services = <A, E, R, A2, E2, R2>(options: ServicesOptions<A, E, R, A2, E2, R2>) =>
  Layer.merge(Housekeeping, DeletedUserBilling.layerEnding).pipe(
    Layer.provideMerge(Layer.mergeAll(identity(options.identity), calls(options.callRules))),
    Layer.provideMerge(subscriptions(options.billing, options.onchain)),
    Layer.provideMerge([Cryptography, Loops.layer])
  )
