/**
 * Distinguishes a failing contract from a failing endpoint.
 */
import { BaseError, RpcRequestError } from "viem"

/**
 * The messages of nodes when code fails; nodes do not agree on one. Code 3 is geth's for a revert, -32015 Parity's for
 * any failure. Other failures, out of gas first, are recognized by their text: of any node, revm (reth, anvil) and
 * Hardhat, geth and Erigon, Besu, Nethermind.
 */
const executionFailure = new RegExp(
  [
    "revert|out ?of ?gas",
    "\\be?vm (?:error|exception|execution error)",
    "gas required exceeds|invalid (?:opcode|jump)|stack (?:under|over)flow|stack limit",
    "insufficient_gas|invalid_operation",
    "bad ?instruction|invalidjump|stack(?:under|over)flow"
  ].join("|"),
  "i"
)

/** Whether a call failed because its code failed, and not because the endpoint did. */
export const isExecutionFailure = (error: unknown): boolean => {
  const answer = error instanceof BaseError ? error.walk((cause) => cause instanceof RpcRequestError) : null
  return answer instanceof RpcRequestError &&
    (answer.code === 3 || answer.code === -32015 || executionFailure.test(answer.details))
}
