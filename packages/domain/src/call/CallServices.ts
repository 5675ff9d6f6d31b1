/**
 * The call services as one layer over the ports.
 */
import { Layer } from "effect"
import { CallClock } from "./CallClock.ts"
import { CallConnections } from "./CallConnections.ts"
import { Calls } from "./Calls.ts"
import { CallSteps } from "./CallSteps.ts"
import { CallTime } from "./CallTime.ts"
import { Signalling } from "./Signalling.ts"

/**
 * The services that a host of calls needs. Timers run on hosts that add `CallClock.layerSweeping`. Ended calls move to
 * the finished calls on hosts that add `layerArchiving`.
 */
export const layerCallServices = Layer.mergeAll(Calls.layer, Signalling.layer, CallClock.layer).pipe(
  Layer.provideMerge(CallConnections.layer),
  Layer.provideMerge(CallSteps.layer),
  Layer.provideMerge(CallTime.layer)
)
