/**
 * Limits the open realtime connections of a session, a user, an address and the host.
 */
import type { SessionId, UserId } from "@dchat/domain/identity"
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { connectionLimits } from "../api/FrameLimits.ts"
import { HostSettings } from "../config/HostSettings.ts"

/** Seconds after which trying again may help: as long as it takes to find out that a connection is dead. */
const retryAfterSeconds = 20

/** The client holds as many connections as it may. */
export class TooManyConnections extends Schema.TaggedError<TooManyConnections>()("TooManyConnections", {
  /** The owner whose connections were counted. */
  of: Schema.Literals(["session", "person", "address"]),
  limit: Schema.Int,
  retryAfterSeconds: Schema.Int
}) {}

/** The host holds as many connections as it may. */
export class ConnectionsExhausted extends Schema.TaggedError<ConnectionsExhausted>()("ConnectionsExhausted", {
  retryAfterSeconds: Schema.Int
}) {}

/** The owner against whom a connection counts; the address in the form that limits use. */
export interface ConnectionOwner {
  readonly session: SessionId
  readonly person: UserId
  readonly address: string
}

const kinds = ["session", "person", "address"] as const

const keysOf = (owner: ConnectionOwner) => kinds.map((kind) => [kind, `${kind}:${owner[kind]}`] as const)

export class OpenConnections extends Context.Service<OpenConnections, {
  /** Takes a place until the scope closes. Without rate limits, only the host's own bound holds. */
  enter(owner: ConnectionOwner): Effect.Effect<void, TooManyConnections | ConnectionsExhausted, Scope.Scope>
}>()("@dchat/http/realtime/OpenConnections") {
  static readonly layerWith = (limits: Record<"session" | "person" | "address" | "host", number>) =>
    Layer.effect(
      OpenConnections,
      Effect.gen(function*() {
        const { rateLimits } = yield* HostSettings
        const open = new Map<string, number>()
        let all = 0

        const countOf = (key: string) => open.get(key) ?? 0

        const take = Effect.fnUntraced(function*(owner: ConnectionOwner) {
          if (all >= limits.host) return yield* new ConnectionsExhausted({ retryAfterSeconds })
          const full = keysOf(owner).find(([kind, key]) => countOf(key) >= limits[kind])
          if (full !== undefined && rateLimits === "on") {
            return yield* new TooManyConnections({ of: full[0], limit: limits[full[0]], retryAfterSeconds })
          }
          all += 1
          for (const [, key] of keysOf(owner)) open.set(key, countOf(key) + 1)
        })

        const leave = (owner: ConnectionOwner) =>
          Effect.sync(() => {
            all -= 1
            for (const [, key] of keysOf(owner)) {
              if (countOf(key) === 1) open.delete(key)
              else open.set(key, countOf(key) - 1)
            }
          })

        return OpenConnections.of({
          enter: (owner) => Effect.asVoid(Effect.acquireRelease(take(owner), () => leave(owner)))
        })
      })
    )

  static readonly layer = OpenConnections.layerWith(connectionLimits)
}
