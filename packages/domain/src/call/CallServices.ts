/**
 * The call services together, over the ports.
 */
import { Layer } from "effect"
import { CallClock } from "./CallClock.ts"
import { CallConnections } from "./CallConnections.ts"
import { Calls } from "./Calls.ts"
import { CallSteps } from "./CallSteps.ts"
import { CallTime } from "./CallTime.ts"

/** What a host of calls needs; its timers run where `CallClock.layerSweeping` is added. */
export const layerCallServices = Layer.mergeAll(Calls.layer, CallClock.layer).pipe(
  Layer.provideMerge(CallConnections.layer),
  Layer.provideMerge(CallSteps.layer),
  Layer.provideMerge(CallTime.layer)
)
