/**
 * The controls of the chain of the demo: blocks, reorganisations, and membership tokens.
 */
import type { ChainDouble, Dropped } from "@dchat/doubles/chain"
import type { StripeDouble } from "@dchat/doubles/stripe"
import { Effect, Exit } from "effect"
import type { Hash } from "viem"

const form = (action: string, label: string, fields: Record<string, string> = {}): string =>
  `<form method="post" action="/_control/${action}" style="display:inline">${
    Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join("")
  }<button class="plain">${label}</button></form>`

const timeOf = (seconds: bigint): string =>
  new Date(Number(seconds) * 1000).toISOString().replace("T", " ").slice(0, 19)

const isHash = (text: string): text is Hash => /^0x[0-9a-f]{64}$/u.test(text)

interface ControlOptions {
  readonly blockSeconds: number
  /** The last block that a reorganisation leaves as it is. */
  readonly first: bigint
  /** The time of the clock, in milliseconds. */
  readonly now: () => number
}

export const chainControls = (
  chain: ChainDouble.ChainDouble,
  { blockSeconds, first, now }: ControlOptions
): StripeDouble.Controls => {
  const { accounts, client, contracts } = chain
  const [operator, ...owners] = accounts
  let isPaused = false
  let removed: ReadonlyArray<Dropped> = []
  let nextToken = 1n

  const remove = Effect.fnUntraced(function*(blocks: number) {
    const { number } = yield* chain.head
    const depth = Math.min(blocks, Number(number - first))
    if (depth < 1) return
    removed = [...removed, ...yield* chain.reorg(depth)]
    // The replaced blocks may be older than a move of the clock. A block that includes a transaction again is not.
    yield* chain.setTime(Math.floor(now() / 1000))
  })

  /** A transaction whose sender has sent another one meanwhile is lost. */
  const restore = Effect.gen(function*() {
    const transactions = removed
    removed = []
    for (const { raw } of transactions) yield* Effect.exit(chain.sendRaw(raw))
  })

  const pause = (next: boolean) => {
    isPaused = next
    return chain.setMode(next ? "on-demand" : { everySeconds: blockSeconds })
  }

  const giveToken = (index: number) => {
    const owner = owners[index]
    if (operator === undefined || owner === undefined) return Effect.void
    return chain.write(operator, contracts.membership, "mint", [owner.address, nextToken++])
  }

  const actions: Record<string, (fields: URLSearchParams) => Effect.Effect<unknown>> = {
    "chain-mine": (fields) => chain.mine(Math.min(100, Number(fields.get("blocks")) || 1)),
    "chain-remove": (fields) => remove(Number(fields.get("blocks")) || 1),
    "chain-restore": () => restore,
    "chain-pause": () => pause(true),
    "chain-resume": () => pause(false),
    "chain-token": (fields) => giveToken(Number(fields.get("account")) - 1)
  }

  const accountOptions = owners.map((_, index) => `<option value="${index + 1}">account ${index + 1}</option>`).join("")

  return {
    render: async () => {
      const { number, timestamp } = await Effect.runPromise(chain.head)
      const pace = isPaused ? "It makes no blocks by itself now." : `It makes a block every ${blockSeconds} seconds.`
      const kept = removed.length === 0
        ? ""
        : `<p>Removed transactions: ${removed.length}. ${form("chain-restore", "Include them again")}</p>`
      return `<h2>Chain</h2><p id="chain">The chain is at block ${number}, ${timeOf(timestamp)} UTC. ${pace}</p>
${form("chain-mine", "Make one block", { blocks: "1" })}${form("chain-mine", "Make ten blocks", { blocks: "10" })}
${isPaused ? form("chain-resume", "Make blocks again") : form("chain-pause", "Stop making blocks")}
<p>A reorganisation replaces the newest blocks by empty blocks.</p>
${form("chain-remove", "Replace 3 blocks", { blocks: "3" })}${
        form("chain-remove", "Replace 20 blocks", { blocks: "20" })
      }${kept}
<h2>Membership tokens</h2><p style="overflow-wrap:anywhere">The owner of a token of ${contracts.membership.address} has a lifetime membership.</p>
<form method="post" action="/_control/chain-token"><label>Owner <select name="account">${accountOptions}</select></label>
<button class="plain">Give a new token</button></form>`
    },
    act: async (action, fields) => {
      await Effect.runPromise(actions[action]?.(fields) ?? Effect.void)
    },
    page: async (path) => {
      const hash = path.slice("/tx/".length)
      if (!path.startsWith("/tx/") || !isHash(hash)) return undefined
      const receipt = await Effect.runPromiseExit(Effect.tryPromise(() => client.getTransactionReceipt({ hash })))
      const words = Exit.isSuccess(receipt)
        ? `<p>Block ${receipt.value.blockNumber}, ${receipt.value.status}, logs: ${receipt.value.logs.length}.</p>
<p>From ${receipt.value.from}<br>to ${receipt.value.to}</p>`
        : "<p>No block has this transaction.</p>"
      return { title: "Transaction", body: `<div style="overflow-wrap:anywhere"><p>${hash}</p>${words}</div>` }
    }
  }
}
