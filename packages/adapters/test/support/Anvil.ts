/**
 * Contract wallets on a simulated chain, with the addresses of the domain.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import { ChainDouble, wallets } from "@dchat/doubles/chain"
import { Effect } from "effect"
import type { Hex } from "viem"
import { encodeFunctionData, serializeErc6492Signature } from "viem/utils"

export { isLeftOut } from "@dchat/doubles/chain"

/** A contract of `Wallets.sol`. */
export type ContractName = keyof typeof wallets.contracts

/** A wallet whose address is known although nothing is deployed there. */
export interface FutureWallet {
  readonly address: WalletAddress
  readonly factory: WalletAddress
  /** The call of the factory that deploys it. */
  readonly deployment: Hex
  /** Around a signature, how to deploy the wallet first (EIP-6492). */
  wrap(signature: Hex): Hex
}

export interface Anvil {
  readonly url: string
  readonly chainId: ChainId
  deploy(name: ContractName, ...args: ReadonlyArray<unknown>): Effect.Effect<WalletAddress>
  /** An EIP-1271 wallet that accepts this owner's signatures. */
  deployWallet(owner: Hex): Effect.Effect<WalletAddress>
  /** The same wallet before it is deployed, one for each salt. */
  futureWallet(owner: Hex, salt: Hex): Effect.Effect<FutureWallet>
  /** Sends a transaction and waits until it is in a block. */
  send(to: WalletAddress, data: Hex): Effect.Effect<void>
  code(address: WalletAddress): Effect.Effect<Hex>
  setCode(address: WalletAddress, code: Hex): Effect.Effect<void>
}

const walletAddress = (address: Hex): WalletAddress => WalletAddress.make(address.toLowerCase())
const hex = (address: WalletAddress): Hex => `0x${address.slice(2)}`

/** A new chain; stops with the scope. */
export const start = Effect.fnUntraced(function*(options: { readonly chainId: number }) {
  const chain = yield* ChainDouble.start(options)
  const { accounts: [from], client } = chain
  if (from === undefined) return yield* Effect.die(new Error("The chain has no account"))

  const deploy: Anvil["deploy"] = (name, ...args) =>
    Effect.map(chain.deploy(wallets.contracts[name], ...args), ({ address }) => walletAddress(address))
  const factory = yield* Effect.cached(deploy("WalletFactory"))

  const anvil: Anvil = {
    url: chain.url,
    chainId: ChainId.make(options.chainId),
    deploy,
    deployWallet: (owner) => deploy("OwnedWallet", owner),
    futureWallet: Effect.fnUntraced(function*(owner, salt) {
      const from = yield* factory
      const deployment = encodeFunctionData({
        abi: wallets.contracts.WalletFactory.abi,
        functionName: "deploy",
        args: [owner, salt]
      })
      const { data: address } = yield* Effect.promise(() => client.call({ to: hex(from), data: deployment }))
      return {
        address: walletAddress(`0x${address?.slice(-40)}`),
        factory: from,
        deployment,
        wrap: (signature) => serializeErc6492Signature({ address: hex(from), data: deployment, signature })
      }
    }),
    send: (to, data) => Effect.asVoid(Effect.flatMap(chain.send({ from, to: hex(to), data }), chain.include)),
    code: (address) => Effect.promise(async () => (await client.getCode({ address: hex(address) })) ?? "0x"),
    setCode: (address, code) => Effect.promise(() => client.setCode({ address: hex(address), bytecode: code }))
  }
  return anvil
})
