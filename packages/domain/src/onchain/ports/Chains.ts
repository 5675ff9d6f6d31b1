/**
 * Port: the chains on which this installation accepts payments.
 */
import { Context, Layer } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { Chain } from "../model/Chain.ts"

export class Chains extends Context.Service<Chains, {
  /** Every chain of the configuration, ready or not. */
  readonly all: ReadonlyArray<Chain>
  /** Undefined as well if the chain is not ready: it has not answered since the start, or it does not fit its description. */
  of(chainId: ChainId): Chain | undefined
}>()("@dchat/domain/onchain/Chains") {
  static layer(all: ReadonlyArray<Chain>) {
    return Layer.succeed(Chains, { all, of: (chainId) => all.find((it) => it.chainId === chainId) })
  }
}
