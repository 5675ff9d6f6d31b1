/**
 * Puts the host together: which adapter answers which port.
 */
import { IdentityCallDirectory } from "@dchat/adapters/identity"
import { MemoryCalls, MemoryIdentity } from "@dchat/adapters/memory"
import { ViemWalletProof } from "@dchat/adapters/viem"
import { CallClock, CallEntitlement, CallPolicy, layerCallServices } from "@dchat/domain/call"
import { People, RealtimeTickets, Sessions, WalletSignIn } from "@dchat/domain/identity"
import { NodeCrypto } from "@effect/platform-node"
import { Layer } from "effect"
import { Housekeeping } from "./Housekeeping.ts"

const crypto = Layer.merge(NodeCrypto.layerDigest, NodeCrypto.layerSecureRandom)

const identity = Layer.mergeAll(People.layer, RealtimeTickets.layer, WalletSignIn.layer).pipe(
  Layer.provideMerge(Sessions.layer),
  Layer.provide(ViemWalletProof.layer)
)

const calls = CallClock.layerSweeping.pipe(
  Layer.provideMerge(layerCallServices),
  Layer.provide([IdentityCallDirectory.layer, CallPolicy.layerOpen, CallEntitlement.layerUnlimited])
)

/** The services of the domain, and what runs in the background for them, over the ports that are given. */
export const Services = Layer.mergeAll(identity, calls, Housekeeping).pipe(Layer.provideMerge(crypto))

/** Every port in memory: nothing outlives the process. */
export const MemoryPorts = Layer.merge(MemoryIdentity.layer, MemoryCalls.layer)
