/**
 * What the process of the benchmark asks of the process of the load, and gets back.
 */
import type { CallFigures, ClosedLoop, OfferedLoad } from "./callLoads.ts"

export interface Target {
  /** `dchat`, or the name of a relay. */
  readonly kind: string
  readonly origin: string
  /** The processes whose CPU time counts, with their descendants. */
  readonly servers: ReadonlyArray<number>
}

export interface Jobs {
  /** Opens connections until there are `pairs` pairs. */
  readonly connect: { readonly asked: { readonly target: Target; readonly pairs: number }; readonly answer: null }
  readonly closedLoop: { readonly asked: ClosedLoop; readonly answer: CallFigures }
  readonly offeredLoad: { readonly asked: OfferedLoad; readonly answer: CallFigures }
}
