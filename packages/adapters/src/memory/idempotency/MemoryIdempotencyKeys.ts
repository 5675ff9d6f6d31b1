/**
 * Keeps recorded requests in a map, which the repositories in memory share.
 */
import { IdempotencyKeys, KeyInUse, type KeyScope, type RecordedRequest } from "@dchat/domain/idempotency"
import { Context, DateTime, Effect, Layer, Option, Order } from "effect"

const scopeKey = ({ key, operation, userId }: KeyScope): string => JSON.stringify([userId, operation, key])

const isExpired = ({ expiresAt }: RecordedRequest, at: DateTime.Utc) => DateTime.isLessThanOrEqualTo(expiresAt, at)

const byExpiry = Order.mapInput(DateTime.Order, ({ expiresAt }: RecordedRequest) => expiresAt)

export class MemoryRecordedRequests extends Context.Service<MemoryRecordedRequests>()(
  "@dchat/adapters/memory/MemoryRecordedRequests",
  {
    make: Effect.sync(() => {
      const requests = new Map<string, RecordedRequest>()

      const find = (key: KeyScope, at: DateTime.Utc): RecordedRequest | undefined => {
        const known = requests.get(scopeKey(key))
        return known && isExpired(known, at) ? undefined : known
      }

      const record = (request: RecordedRequest) => void requests.set(scopeKey(request), request)

      return {
        requests,
        find,
        record,
        /**
         * The obstacle to a step: a key in use, or else the one that `search` finds. Records the request of a step
         * without obstacle.
         */
        obstacleTo: <A>(
          request: RecordedRequest | undefined,
          search: () => A | undefined
        ): A | KeyInUse | undefined => {
          if (request && find(request, request.at)) return new KeyInUse()
          const obstacle = search()
          if (request && obstacle === undefined) record(request)
          return obstacle
        },
        /** Gives the keys of an operation to another user, who keeps the own requests. */
        move: (operation: string, from: KeyScope["userId"], to: KeyScope["userId"]): void => {
          for (const request of requests.values()) {
            if (request.userId !== from || request.operation !== operation) continue
            const moved = { ...request, userId: to }
            requests.delete(scopeKey(request))
            if (!requests.has(scopeKey(moved))) record(moved)
          }
        }
      }
    })
  }
) {}

export const layer = Layer.effect(
  IdempotencyKeys,
  Effect.map(MemoryRecordedRequests, ({ find, obstacleTo, requests }) =>
    IdempotencyKeys.of({
      find: (key, at) =>
        Effect.sync(() =>
          Option.map(
            Option.fromUndefinedOr(find(key, at)),
            ({ fingerprint, result }) => ({ fingerprint, result })
          )
        ),
      record: (request) => Effect.sync(() => obstacleTo(request, () => undefined) === undefined),
      purge: (now, limit) =>
        Effect.sync(() => {
          const expired = [...requests.values()].filter((request) => isExpired(request, now)).toSorted(byExpiry)
          for (const request of expired.slice(0, limit)) requests.delete(scopeKey(request))
          return Math.min(expired.length, limit)
        })
    }))
).pipe(Layer.provideMerge(Layer.effect(MemoryRecordedRequests, MemoryRecordedRequests.make)))
