/**
 * Users with realtime connections.
 */
import { Effect } from "effect"
import { RealtimeClient } from "./RealtimeClient.ts"
import { type SomeBody, TestHost } from "./TestHost.ts"

export const promise = <A>(make: () => Promise<A>) => Effect.promise(make)

/** The code of the problem in a reply. */
export const codeOf = (reply: Record<string, unknown>) => (reply["problem"] as { code: string } | undefined)?.code

const closing = (connect: (url: string) => Promise<RealtimeClient>, person: SomeBody) =>
  Effect.gen(function*() {
    const { url } = yield* TestHost
    const { json } = yield* person.post("/api/realtime/ticket")
    return yield* Effect.acquireRelease(
      promise(() => connect(`${url}/api/realtime?ticket=${json.ticket}`)),
      (client) => Effect.sync(() => client.terminate())
    )
  })

/** Connected, and not greeted. */
export const connected = (person: SomeBody) => closing((url) => RealtimeClient.connect(url), person)

/** Connected and greeted; does not answer close frames. */
export const deaf = Effect.fnUntraced(function*(person: SomeBody, device: string) {
  const client = yield* closing((url) => RealtimeClient.connectDeaf(url), person)
  yield* promise(() => client.hello(device))
  return client
})

/** Connected and greeted. */
export const online = Effect.fnUntraced(function*(person: SomeBody, device: string) {
  const client = yield* connected(person)
  yield* promise(() => client.hello(device))
  return client
})
