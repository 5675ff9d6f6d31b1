/**
 * The jobs that the benchmark gives to the process of the load, and their results.
 */
import type { ClosedLoop, OfferedLoad } from "./calls/callLoads.ts"
import type { Interruption, InterruptionFigures } from "./calls/dropping.ts"
import type { Stream, StreamFigures } from "./calls/relaying.ts"
import type { CallFigures } from "./calls/Tally.ts"
import type { HerdFigures } from "./phones/herd.ts"
import type { RequestFigures, Requests } from "./requests.ts"

export interface Target {
  /** `dchat`, or the name of a relay. */
  readonly kind: string
  /** The hosts of one installation. Clients connect to the first one, and to the next when they come back. */
  readonly origins: ReadonlyArray<string>
  /** The processes whose CPU time counts, with their descendants. */
  readonly servers: ReadonlyArray<number>
}

export interface Connect {
  readonly target: Target
  readonly parties: number
  /** Users of a party. */
  readonly size: number
}

export interface Jobs {
  /** Opens connections until there are as many parties without a call that goes on. */
  readonly connect: { readonly asked: Connect; readonly answer: null }
  readonly closedLoop: { readonly asked: ClosedLoop; readonly answer: CallFigures }
  /** Opens connections that say nothing more. */
  readonly connectIdle: { readonly asked: { readonly target: Target; readonly count: number }; readonly answer: null }
  /** Lets the clients that say nothing more leave at once, and come back at once so many times. */
  readonly herd: { readonly asked: { readonly times: number }; readonly answer: HerdFigures }
  /** Begins calls that go on, of the first parties. */
  readonly hold: { readonly asked: { readonly calls: number }; readonly answer: null }
  /** Sends messages through the calls that go on. */
  readonly relay: { readonly asked: Stream; readonly answer: StreamFigures }
  /** The same, with an end of all connections in between. */
  readonly interrupt: { readonly asked: Interruption; readonly answer: InterruptionFigures }
  readonly requests: { readonly asked: Requests; readonly answer: RequestFigures }
  readonly offeredLoad: { readonly asked: OfferedLoad; readonly answer: CallFigures }
}
