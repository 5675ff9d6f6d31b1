/**
 * Repeatable choices: the same seed makes the same ones.
 */

export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** From 0 to 2^32 - 1 (mulberry32, by Tommy Ettinger, public domain). */
  roll(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    return this.roll() % limit
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<A>(from: readonly [A, ...ReadonlyArray<A>]): A
  pick<A>(from: ReadonlyArray<A>): A | undefined
  pick<A>(from: ReadonlyArray<A>): A | undefined {
    return from[this.below(from.length)]
  }

  /** One of several, each as likely as its weight; there is a positive one. */
  weighted<A>(options: ReadonlyArray<readonly [weight: number, option: A]>): A | undefined {
    let remaining = this.below(options.reduce((sum, [weight]) => sum + weight, 0))
    return options.find(([weight]) => (remaining -= weight) < 0)?.[1]
  }
}
