/**
 * Ways in which the double does not do what it should. `lost`: it does, but the answer never arrives.
 */
export type Fault = "429" | "500" | "hang" | "drop" | "lost" | "shape"

interface Planned {
  readonly path: RegExp
  readonly fault: Fault
  left: number
}

export class Faults {
  private planned: Array<Planned> = []

  /** For the next `times` requests whose `METHOD path` fits. */
  plan(path: RegExp, fault: Fault, times = Infinity): void {
    this.planned.push({ path, fault, left: times })
  }

  clear(): void {
    this.planned = []
  }

  take(request: string): Fault | undefined {
    const found = this.planned.find(({ left, path }) => left > 0 && path.test(request))
    if (found === undefined) return undefined
    found.left -= 1
    return found.fault
  }
}
