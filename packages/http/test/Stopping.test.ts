import { CallLeases } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { vi } from "vitest"
import { GatedServer } from "../src/host/GatedServer.ts"
import { MemoryPorts } from "../src/host/Layers.ts"
import { OpenSockets } from "../src/realtime/ConnectionClosing.ts"
import { CloseCode } from "../src/realtime/RealtimeSocket.ts"
import type { RealtimeClient } from "./support/RealtimeClient.ts"
import { deaf, promise } from "./support/talking.ts"
import { TestHost, testHost } from "./support/TestHost.ts"

const people = 6
const connectionsOfEach = 10

/** Says something whenever the host has answered, for as long as that does. */
const talkOn = (client: RealtimeClient): void =>
  void client.request({ type: "ping" }).then(() => talkOn(client), () => {})

describe("A host that stops while clients stay connected", () => {
  it.effect(
    "closes all clients first, then its server, and then removes itself with all its leases",
    () =>
      Effect.gen(function*() {
        const order: Array<string> = []
        let openSockets: ReadonlySet<unknown> = new Set()
        const watched = Layer.effect(
          CallLeases,
          Effect.map(CallLeases, (leases) =>
            CallLeases.of({
              ...leases,
              heldBy: (connection) => {
                order.push("asks what one connection held")
                return leases.heldBy(connection)
              },
              removeHost: (id, beat) => {
                order.push("takes itself out")
                return leases.removeHost(id, beat)
              }
            }))
        ).pipe(Layer.provideMerge(MemoryPorts))
        vi.spyOn(GatedServer.prototype, "close").mockImplementationOnce(function(this: GatedServer, callback) {
          order.push(`closes its server, with ${openSockets.size} open connections`)
          return this.close(callback)
        })
        const scope = yield* Scope.make()
        const host = yield* Layer.buildWithScope(testHost(watched), scope)
        openSockets = Context.get(host, OpenSockets)
        const clients = yield* Effect.gen(function*() {
          const { signIn } = yield* TestHost
          const all: Array<RealtimeClient> = []
          for (let person = 0; person < people; person++) {
            const somebody = yield* signIn()
            const other = yield* signIn()
            yield* somebody.post("/api/webrtc/call/initiate", {
              type: "audio",
              participants: [other.id]
            })
            for (let index = 0; index < connectionsOfEach; index++) {
              const client = yield* deaf(somebody, `device-${index}`)
              talkOn(client)
              all.push(client)
            }
          }
          yield* promise(() => Promise.all(all.map((client) => client.find(({ type }) => type === "pong"))))
          order.length = 0
          yield* Scope.close(scope, Exit.void)
          return all
        }).pipe(Effect.provideContext(host), Effect.scoped)
        const codes = yield* promise(() => Promise.all(clients.map(({ closed }) => closed)))
        assert.lengthOf(codes, people * connectionsOfEach)
        assert.deepStrictEqual(new Set(codes), new Set([CloseCode.goingAway]))
        assert.deepStrictEqual(order, ["closes its server, with 0 open connections", "takes itself out"])
      }),
    { timeout: 60_000 }
  )
})
