/**
 * One benchmark: what it is called, and how it runs.
 */
import type { Measurement, Ratio } from "../report/Measurement.ts"

export interface Options {
  /** How many users there are: for figures, for a first look, or only to show that the benchmark runs. */
  readonly scale: "full" | "quick" | "smoke"
  /** Whether nothing is compared that has to be installed first. */
  readonly isAlone: boolean
  readonly rounds: number
  /** Seconds of each measured part. */
  readonly seconds: number
  /** Other checkouts of this repository to measure beside this one, by name. */
  readonly checkouts: ReadonlyMap<string, string>
}

export interface Benchmark {
  readonly title: string
  /** The measurements of all rounds. */
  readonly run: (options: Options) => Promise<ReadonlyArray<Measurement>>
  readonly ratios: ReadonlyArray<Ratio>
}
