/**
 * The measurements of one round of a benchmark, and the medians of all rounds.
 */

export interface Measurement {
  /** The load, such as `64 at once`. */
  readonly load: string
  /** The program that was measured. */
  readonly subject: string
  readonly mode: "durable" | "volatile" | "memory" | ""
  /** Numbers by their names, which state the unit: `CPU ms a call`. */
  readonly figures: Readonly<Record<string, number>>
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2
}

/** One measurement for each load and subject: the median of each figure over the rounds. */
export const medians = (rounds: ReadonlyArray<Measurement>): ReadonlyArray<Measurement> =>
  [...Map.groupBy(rounds, ({ load, subject }) => `${load}\n${subject}`).values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const names = [...new Set(same.flatMap(({ figures }) => Object.keys(figures)))]
    const figures = names.map((name) => [
      name,
      median(same.flatMap(({ figures }) => figures[name] === undefined ? [] : [figures[name]]))
    ])
    return [{ ...first, figures: Object.fromEntries(figures) }]
  })

/** A figure of which the report shows how many times that of another subject it is. */
export interface Ratio {
  readonly figure: string
  readonly to: string
}

/** Adds the ratios, as far as the other subject was measured. */
export const withRatios = (
  all: ReadonlyArray<Measurement>,
  ratios: ReadonlyArray<Ratio>
): ReadonlyArray<Measurement> =>
  all.map(({ figures, load, mode, subject }) => {
    const times = ratios.flatMap(({ figure, to }) => {
      const base = all.find((one) => one.subject === to && one.load === load)?.figures[figure]
      const value = figures[figure]
      return base === undefined || value === undefined ? [] : [[`${figure} x ${to}`, value / base] as const]
    })
    return { load, subject, mode, figures: Object.assign({}, figures, Object.fromEntries(times)) }
  })
