/**
 * A diagram of states, drawn from the transitions that were seen.
 */

/** The events that lead from one state to another, by `from --> to`. */
export class Diagram {
  private readonly transitions = new Map<string, Set<string>>()

  see(from: string, to: string, event: string): void {
    if (from === to) return
    const arrow = `${from} --> ${to}`
    this.transitions.set(arrow, (this.transitions.get(arrow) ?? new Set()).add(event))
  }

  toString(): string {
    const arrows = [...this.transitions].map(([arrow, events]) => `  ${arrow}: ${[...events].toSorted().join(", ")}`)
    return ["```mermaid", "stateDiagram-v2", ...arrows.toSorted(), "```"].join("\n")
  }
}
