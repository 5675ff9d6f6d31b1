/** The simulated chain of the demo: its node holds the keys of its accounts, so the wallet only forwards requests. */
import { createPublicClient, erc20Abi, formatEther, formatUnits, webSocket } from "viem"

/** Written by `npm run demo` beside the page. */
interface DemoChain {
  readonly chainId: number
  readonly name: string
  /** The node, by WebSocket. */
  readonly url: string
  readonly accounts: ReadonlyArray<string>
  /** The test token, with 6 decimals. */
  readonly usdc: string
}

type Bytes = `0x${string}`

const connect = async () => {
  const description = await (await fetch("/demo-chain.json", { cache: "no-store" })).json() as DemoChain
  const client = createPublicClient({ transport: webSocket(description.url, { retryCount: 1 }) })
  return { description, client }
}

let connected: ReturnType<typeof connect> | undefined

const connection = () => {
  connected ??= connect()
  connected.catch(() => connected = undefined)
  return connected
}

export const describeChain = async (): Promise<DemoChain> => (await connection()).description

export const ask = async (method: string, params: unknown = []): Promise<unknown> => {
  const { client } = await connection()
  return (client.request as (call: { method: string; params: unknown }) => Promise<unknown>)({ method, params })
}

/** The money of an account, in words. */
export const balanceOf = async (account: string): Promise<string> => {
  const { client, description } = await connection()
  const address = account as Bytes
  const [ether, dollars] = await Promise.all([
    client.getBalance({ address }),
    client.readContract({
      address: description.usdc as Bytes,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [address]
    })
  ])
  return `${Number(formatEther(ether)).toFixed(2)} ETH, ${formatUnits(dollars, 6)} USDC`
}
