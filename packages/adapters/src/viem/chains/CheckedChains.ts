/**
 * The chains on which users can pay, each from the time at which the chain has been found to fit its description.
 */
import type { ChainId } from "@dchat/domain/identity"
import { type Chain, Chains } from "@dchat/domain/onchain"
import { type Duration, Effect, Fiber, Layer, Schedule } from "effect"
import * as EvmRpc from "../endpoint/EvmRpc.ts"
import { checkChain } from "./ChainCheck.ts"
import type { EvmChains } from "./EvmChains.ts"

/** For how long a start waits for the chains. A chain that answers later starts later. */
const startTime = "5 seconds"

/** The rests between two checks of a chain that does not answer. */
const rests = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")])

/** By the first endpoint that answers. */
const check = (rpcs: ReadonlyArray<EvmRpc.EvmRpc>, chain: Chain) =>
  rpcs.map((rpc) => checkChain(rpc, chain)).reduce((one, other) => Effect.catchTag(one, "NodeFault", () => other))

/**
 * Checks each chain in the background. A chain that does not fit its description is refused until the next start; the other
 * chains start. A chain that does not answer is asked again until it does. `timeout`: for each request to an endpoint, 5
 * seconds unless given.
 */
export const layer = (
  chains: EvmChains,
  { timeout = "5 seconds" }: { readonly timeout?: Duration.Input | undefined } = {}
): Layer.Layer<Chains> =>
  Layer.effect(
    Chains,
    Effect.gen(function*() {
      const ready = new Map<ChainId, Chain>()

      const start = (rpcs: ReadonlyArray<EvmRpc.EvmRpc>, chain: Chain) =>
        check(rpcs, chain).pipe(
          Effect.tapErrorTag(
            "NodeFault",
            ({ message }) => Effect.logWarning(`${chain.name} does not start yet: ${message}`)
          ),
          Effect.retry({ schedule: rests, while: ({ _tag }) => _tag === "NodeFault" }),
          Effect.matchEffect({
            onSuccess: () => Effect.sync(() => void ready.set(chain.chainId, chain)),
            onFailure: ({ message }) => Effect.logError(message)
          }),
          Effect.annotateLogs({ chainId: chain.chainId })
        )

      const all: Array<Chain> = []
      const starting: Array<Fiber.Fiber<void>> = []
      for (const { chainId, payments, rpcUrls } of chains) {
        if (payments === undefined) continue
        all.push(payments.chain)
        const rpcs = rpcUrls.map((url) => EvmRpc.make(url, chainId, timeout))
        starting.push(yield* Effect.forkScoped(start(rpcs, payments.chain)))
      }
      yield* Effect.timeoutOption(Fiber.joinAll(starting), startTime)
      return Chains.of({ all, of: (chainId) => ready.get(chainId) })
    })
  )
