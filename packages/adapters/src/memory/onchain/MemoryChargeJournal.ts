/**
 * Keeps the transactions of the charging account in maps: for tests and examples.
 */
import { ChargeJournal, type ChargeLane, type LaneLease, type OperatorTransaction } from "@dchat/domain/onchain"
import type { PurchaseId } from "@dchat/domain/subscription"
import { Clock, DateTime, Effect, Layer } from "effect"

interface MemoryLane {
  token: number
  holder: string | undefined
  leasedUntil: number
  readonly transactions: Map<number, OperatorTransaction>
}

const make = () => {
  const lanes = new Map<string, MemoryLane>()
  const watched = new Map<PurchaseId, DateTime.Utc>()

  const laneOf = ({ account, chainId }: ChargeLane): MemoryLane => {
    const key = `${chainId}:${account}`
    const known = lanes.get(key) ?? { token: 0, holder: undefined, leasedUntil: 0, transactions: new Map() }
    lanes.set(key, known)
    return known
  }

  const nextNonceOf = ({ transactions }: MemoryLane) => Math.max(-1, ...transactions.keys()) + 1

  const all = () => [...lanes.values()].flatMap(({ transactions }) => Array.from(transactions.values()))

  /** Changes a transaction of a lane, unless the lease is worthless. */
  const change = (
    lease: LaneLease,
    nonce: number,
    by: (transaction: OperatorTransaction) => OperatorTransaction
  ) =>
    Effect.sync(() => {
      const { token, transactions } = laneOf(lease)
      const known = transactions.get(nonce)
      if (token !== lease.token || known?.state !== "open") return false
      transactions.set(nonce, by(known))
      return true
    })

  return ChargeJournal.of({
    watch: (purchaseId, dueAt) =>
      Effect.sync(() => void watched.set(purchaseId, DateTime.min(watched.get(purchaseId) ?? dueAt, dueAt))),
    claim: ({ limit, now, until }) =>
      Effect.sync(() => {
        const due = [...watched]
          .filter(([, at]) => !DateTime.isGreaterThan(at, now))
          .toSorted(([, one], [, other]) => DateTime.Order(one, other))
          .slice(0, limit)
          .map(([purchaseId]) => purchaseId)
        for (const purchaseId of due) watched.set(purchaseId, until)
        return due
      }),
    schedule: (purchaseId, dueAt) =>
      Effect.sync(() => {
        if (watched.has(purchaseId)) watched.set(purchaseId, dueAt)
      }),
    forget: (purchaseId) => Effect.sync(() => void watched.delete(purchaseId)),
    lease: ({ account, chainId }, host, seconds) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const lane = laneOf({ account, chainId })
        if (lane.holder !== undefined && lane.holder !== host && lane.leasedUntil > now) return undefined
        lane.holder = host
        lane.leasedUntil = now + seconds * 1000
        lane.token += 1
        return { account, chainId, token: lane.token }
      }),
    release: (lease) =>
      Effect.sync(() => {
        const lane = laneOf(lease)
        if (lane.token === lease.token) lane.leasedUntil = 0
      }),
    nextNonce: (lane) => Effect.sync(() => nextNonceOf(laneOf(lane))),
    record: (lease, transaction) =>
      Effect.sync(() => {
        const lane = laneOf(lease)
        if (lane.token !== lease.token || transaction.nonce < nextNonceOf(lane)) return "lost"
        const isTaken = all().some(({ key, state }) =>
          key === transaction.key && (state === "open" || state === "succeeded")
        )
        if (isTaken) return "exists"
        lane.transactions.set(transaction.nonce, transaction)
        return "recorded"
      }),
    replace: (lease, nonce, signed) => change(lease, nonce, (it) => ({ ...it, signed: [...it.signed, signed] })),
    close: (lease, nonce, state, closedAt) => change(lease, nonce, (it) => ({ ...it, state, closedAt })),
    open: (lane, limit) =>
      Effect.sync(() =>
        [...laneOf(lane).transactions.values()]
          .filter(({ state }) => state === "open")
          .toSorted((one, other) => one.nonce - other.nonce)
          .slice(0, limit)
      ),
    ofPurchase: (purchaseId, limit) =>
      Effect.sync(() =>
        all()
          .filter((it) => it.purchaseId === purchaseId)
          .toSorted((one, other) => DateTime.Order(other.recordedAt, one.recordedAt) || other.nonce - one.nonce)
          .slice(0, limit)
      )
  })
}

export const layer = Layer.sync(ChargeJournal, make)
