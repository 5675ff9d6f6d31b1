/**
 * Failures of chains and refusals of quotes.
 */
import { Schema } from "effect"

/** An endpoint did not answer, or its answer contradicts itself or the chain. The detail names no URL. */
export class NodeFault extends Schema.TaggedError<NodeFault>()("NodeFault", {
  endpoint: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.endpoint}: ${this.detail}`
  }
}

/** The chain has no block any more that was final. An administrator has to look. */
export class HistoryLost extends NodeFault {}

/** Two endpoints say different things about blocks that are deep enough to be settled. */
export class Disagreement extends NodeFault {}
