/**
 * The JSON-RPC endpoints of one chain, as the charging account uses them.
 */
import type { ChainId } from "@dchat/domain/identity"
import { ChargingUnavailable } from "@dchat/domain/onchain"
import { Effect } from "effect"
import { createPublicClient, custom, type PublicClient } from "viem"
import type { RpcChain } from "../ChainRpc.ts"
import { checkedEndpoint, type RpcRequest } from "../rpc/CheckedEndpoint.ts"
import { isExecutionFailure } from "../rpc/ExecutionFailure.ts"

/** The code of a contract failed, so the answer is the same on every endpoint. */
export class Reverted extends Error {
  override readonly name = "Reverted"
}

export interface ChargingNodes {
  readonly chainId: ChainId
  /** The answer of the first endpoint that answers, or `Reverted`. The errors of viem name URLs and go no further. */
  ask<A>(question: (node: PublicClient) => Promise<A>): Effect.Effect<A, ChargingUnavailable | Reverted>
  /** As `ask`, for a question to which no contract can fail. */
  read<A>(question: (node: PublicClient) => Promise<A>): Effect.Effect<A, ChargingUnavailable>
  /** The answers of all endpoints that answer, in order. */
  askAll<A>(question: (node: PublicClient) => Promise<A>): Effect.Effect<ReadonlyArray<A>>
}

const askOne = <A>(node: PublicClient, question: (node: PublicClient) => Promise<A>) =>
  Effect.tryPromise({
    try: () => question(node),
    catch: (error) => isExecutionFailure(error) ? new Reverted() : new ChargingUnavailable()
  })

/** `timeout` is in milliseconds, for each request. */
export const make = ({ chainId, rpcUrls }: RpcChain, timeout: number): ChargingNodes => {
  const nodes = rpcUrls.map((url) => {
    const endpoint = checkedEndpoint(url, chainId, timeout)
    const transport = custom({ request: (request: RpcRequest) => endpoint.request(request) }, { retryCount: 0 })
    return createPublicClient({ cacheTime: 0, transport })
  })

  const ask = Effect.fnUntraced(function*<A>(question: (node: PublicClient) => Promise<A>) {
    for (const node of nodes) {
      const answer = yield* Effect.result(askOne(node, question))
      if (answer._tag === "Success") return answer.success
      if (answer.failure instanceof Reverted) return yield* Effect.fail(answer.failure)
    }
    return yield* new ChargingUnavailable()
  })

  return {
    chainId,
    ask,
    read: (question) =>
      Effect.mapError(ask(question), (error) => error instanceof Reverted ? new ChargingUnavailable() : error),
    askAll: (question) =>
      Effect.map(
        Effect.forEach(nodes, (node) => Effect.result(askOne(node, question)), { concurrency: "unbounded" }),
        (answers) => answers.flatMap((answer) => answer._tag === "Success" ? [answer.success] : [])
      )
  }
}
