/**
 * The logs of a chain that concern an installation: transfers of its tokens to its recipient, payments through the router to
 * its recipient, and transfers of its memberships.
 */
import type { Chain } from "@dchat/domain/onchain"
import { erc20Abi, getAbiItem, type Hex, hexToBytes, pad, toEventSelector } from "viem"
import { paymentRouter } from "../router/PaymentRouter.ts"
import { bitsOf, hasBits, isInformative } from "./Bloom.ts"
import type { RpcLog } from "./RpcSchemas.ts"

/** `Transfer(address,address,uint256)` of ERC-20 and of ERC-721. */
export const transferTopic: Hex = toEventSelector(getAbiItem({ abi: erc20Abi, name: "Transfer" }))

export const paidTopic: Hex = toEventSelector(getAbiItem({ abi: paymentRouter.abi, name: "Paid" }))

/** The part of a filter of `eth_getLogs` that names contracts and topics. */
export interface LogFilter {
  readonly address: ReadonlyArray<string>
  readonly topics: ReadonlyArray<ReadonlyArray<Hex> | null>
}

export type LogKind = "token" | "router" | "membership"

export interface Interest {
  /** One filter for all payments, and one for all memberships. */
  readonly filters: ReadonlyArray<LogFilter>
  /** Undefined if the log concerns nobody here. The contract that emits the log decides, and not the topics alone. */
  kindOf(log: Pick<RpcLog, "address" | "topics">): LogKind | undefined
  /** Whether the bloom filter is evidence of a log of the interest. A filter that is nearly full is no evidence. */
  mayConcern(bloom: Hex): boolean
}

export const interestOf = ({ memberships, recipient, router, tokens }: Chain): Interest => {
  const recipientTopic = pad(recipient as Hex)
  const tokenAddresses = new Set<string>(tokens.flatMap(({ token }) => token ?? []))
  const membershipAddresses = new Set<string>(memberships.map(({ contract }) => contract))
  const payments = [...tokenAddresses, ...(router === undefined ? [] : [router])]
  const events = router === undefined ? [transferTopic] : [transferTopic, paidTopic]

  const combinations: ReadonlyArray<ReadonlyArray<string>> = [
    ...[...tokenAddresses].map((token) => [token, transferTopic, recipientTopic]),
    ...(router === undefined ? [] : [[router, paidTopic, recipientTopic]]),
    ...[...membershipAddresses].map((contract) => [contract, transferTopic])
  ]
  const bits = combinations.map((items) => items.flatMap((item) => bitsOf(item as Hex)))

  return {
    filters: [
      ...(payments.length === 0 ? [] : [{ address: payments, topics: [events, null, [recipientTopic]] }]),
      ...(membershipAddresses.size === 0 ? [] : [{ address: [...membershipAddresses], topics: [[transferTopic]] }])
    ],
    kindOf: ({ address, topics: [event, , recipientOf] }) => {
      if (event === transferTopic && membershipAddresses.has(address)) return "membership"
      if (recipientOf !== recipientTopic) return undefined
      if (event === transferTopic && tokenAddresses.has(address)) return "token"
      return event === paidTopic && address === router ? "router" : undefined
    },
    mayConcern: (bloom) => {
      const bytes = hexToBytes(bloom)
      return isInformative(bytes) && bits.some((some) => hasBits(bytes, some))
    }
  }
}
