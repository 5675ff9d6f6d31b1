/**
 * One benchmark: what it is called, and how it runs.
 */
import type { Measurement, Ratio } from "../report/Measurement.ts"

export interface Options {
  /** Whether small numbers of users do. */
  readonly isQuick: boolean
  readonly rounds: number
  /** Seconds of each measured part. */
  readonly seconds: number
  /** The relays to measure beside dchat. */
  readonly peers: ReadonlyArray<string>
  /** Other checkouts of this repository to measure beside this one, by name. */
  readonly checkouts: ReadonlyMap<string, string>
}

export interface Benchmark {
  readonly title: string
  /** The measurements of all rounds. */
  readonly run: (options: Options) => Promise<ReadonlyArray<Measurement>>
  readonly ratios: ReadonlyArray<Ratio>
}
