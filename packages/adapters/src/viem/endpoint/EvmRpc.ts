/**
 * Questions to one JSON-RPC endpoint. Each failure is a fault of the endpoint that names no URL and no text of the node.
 */
import type { ChainId } from "@dchat/domain/identity"
import { NodeFault } from "@dchat/domain/onchain"
import { Duration, Effect, Schema } from "effect"
import { BaseError, type Hex, HttpRequestError, numberToHex, RpcRequestError, TimeoutError } from "viem"
import { ChainUnproved, checkedEndpoint, type RpcRequest } from "../rpc/CheckedEndpoint.ts"
import { isExecutionFailure } from "../rpc/ExecutionFailure.ts"
import { Data } from "./RpcSchemas.ts"

export interface EvmRpc {
  /** The host of the endpoint. */
  readonly name: string
  /** The decoded result. `size`: how large the answer may be. */
  ask<A>(
    request: RpcRequest,
    schema: Schema.ConstraintDecoder<A>,
    size?: "small" | "large"
  ): Effect.Effect<A, NodeFault>
  /** As `ask`; undefined if the endpoint knows no such block, transaction or receipt. */
  find<A>(
    request: RpcRequest,
    schema: Schema.ConstraintDecoder<A>,
    size?: "small" | "large"
  ): Effect.Effect<A | undefined, NodeFault>
  /** The result of a call of a contract at a block (a number or a tag); undefined if the contract fails. */
  call(to: string, data: Hex, block: number | "latest"): Effect.Effect<Hex | undefined, NodeFault>
  fault(detail: string): NodeFault
}

const causeOf = <E extends BaseError>(error: unknown, kind: new(...args: never) => E): E | undefined => {
  const found = error instanceof BaseError ? error.walk((cause) => cause instanceof kind) : null
  return found instanceof kind ? found : undefined
}

/** Some nodes answer an error instead of null. -39001 is `unknown block` of the specification. */
const isNotFound = (error: unknown): boolean => {
  const answer = causeOf(error, RpcRequestError)
  return answer !== undefined &&
    (answer.code === -39_001 || /(?:block|header|transaction|receipt) not found|unknown block/i.test(answer.details))
}

const reasonOf = (error: unknown): string => {
  if (error instanceof ChainUnproved) {
    return error.isOther
      ? "serves another chain"
      : "does not say which chain it serves"
  }
  const answer = causeOf(error, RpcRequestError)
  if (answer !== undefined) return Number.isSafeInteger(answer.code) ? `error ${answer.code}` : "an error"
  const status = causeOf(error, HttpRequestError)?.status
  if (status !== undefined) return `HTTP status ${status}`
  return causeOf(error, TimeoutError) === undefined ? "no answer" : "no answer in time"
}

/** A connection that was kept open is often found to be closed. Such a request is sent once more. */
const isDropped = (error: unknown): boolean => {
  const failure = causeOf(error, HttpRequestError)
  return failure !== undefined && failure.status === undefined && causeOf(error, RpcRequestError) === undefined
}

/** `timeout`: for each request. */
export const make = (url: string, chainId: ChainId, timeout: Duration.Input): EvmRpc => {
  const endpoint = checkedEndpoint(url, chainId, Duration.toMillis(timeout))
  const fault = (detail: string) => new NodeFault({ endpoint: endpoint.name, detail })

  const send = (request: RpcRequest, size: "small" | "large") =>
    Effect.tryPromise({
      try: (signal) => endpoint.request(request, { signal, size }),
      catch: (error) => ({ error })
    }).pipe(Effect.retry({ times: 1, while: ({ error }) => isDropped(error) }))

  const failure = ({ method }: RpcRequest, error: unknown) => fault(`${method}: ${reasonOf(error)}`)

  const decoded = <A>({ method }: RpcRequest, schema: Schema.ConstraintDecoder<A>, result: unknown) =>
    Effect.mapError(Schema.decodeUnknownEffect(schema)(result), () => fault(`${method}: an answer of another form`))

  return {
    name: endpoint.name,
    fault,
    ask: (request, schema, size = "small") =>
      send(request, size).pipe(
        Effect.mapError(({ error }) => failure(request, error)),
        Effect.flatMap((result) => decoded(request, schema, result))
      ),
    find: (request, schema, size = "small") =>
      send(request, size).pipe(
        Effect.catch(({ error }) => isNotFound(error) ? Effect.succeed(null) : Effect.fail(failure(request, error))),
        Effect.flatMap((result) => result === null ? Effect.succeed(undefined) : decoded(request, schema, result))
      ),
    call: (to, data, block) => {
      const tag = typeof block === "number" ? numberToHex(block) : block
      const request = { method: "eth_call", params: [{ to, data }, tag] }
      return send(request, "small").pipe(
        Effect.matchEffect({
          onSuccess: (result) => Effect.map(decoded(request, Data, result), (data) => data as Hex),
          onFailure: ({ error }) =>
            isExecutionFailure(error) ? Effect.succeed(undefined) : Effect.fail(failure(request, error))
        })
      )
    }
  }
}
