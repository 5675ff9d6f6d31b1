import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { ProblemError } from "../src/api/Problems.ts"
import { GatedServer, type GateOptions } from "../src/GatedServer.ts"
import { maxWaiting } from "../src/RequestQueue.ts"
import { RawConnection } from "./support/RawConnection.ts"

const get = (path: string) => [`GET ${path} HTTP/1.1`, "Host: localhost"]

/** A listening gate whose requests wait in `taken` until the test answers them. */
const start = async (options: Partial<GateOptions> = {}) => {
  const taken: Array<{ readonly request: IncomingMessage; readonly response: ServerResponse }> = []
  const refusals: Array<ProblemError["_tag"]> = []
  const server = new GatedServer({
    perHost: 100,
    perClient: 100,
    keepAliveSeconds: 65,
    maxConnections: 100,
    closingTime: 1,
    clientOf: ({ headers }) => String(headers["x-client"]),
    realtimePath: "/realtime",
    refused: (_, { _tag }) => refusals.push(_tag),
    ...options
  })
  server.on("request", (request, response) => {
    taken.push({ request, response })
    server.emit("taken")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const open = () => RawConnection.open(port)
  const takenAre = async (count: number) => {
    while (taken.length < count) await once(server, "taken")
  }
  const stop = () => new Promise((resolve) => server.close(resolve))
  return { server, taken, refusals, open, takenAre, stop }
}

describe("The gate of the HTTP server", () => {
  it("answers the requests of a connection one after the other, in their order", async () => {
    const { open, stop, taken, takenAre } = await start()
    const connection = await open()
    for (const path of ["/1", "/2", "/3"]) connection.send(...get(path))
    for (const count of [1, 2, 3]) {
      await takenAre(count)
      assert.lengthOf(taken, count)
      taken[count - 1]?.response.end(`answer ${count}`)
      await connection.until(`answer ${count}`)
    }
    await stop()
  })

  it("cuts a connection on which more requests wait than may", async () => {
    const { open, stop, taken } = await start()
    const connection = await open()
    connection.socket.write(Array.from({ length: maxWaiting + 2 }, () => `${get("/").join("\r\n")}\r\n\r\n`).join(""))
    await connection.closed
    assert.lengthOf(taken, 1)
    await stop()
  })

  it("cuts a connection on which many requests come at once, even where each is answered at once", async () => {
    const { open, server, stop, taken } = await start()
    server.on("request", (_, response) => response.end())
    const connection = await open()
    connection.socket.write(`${get("/").join("\r\n")}\r\n\r\n`.repeat(2000))
    await connection.closed
    assert.isBelow(taken.length, 100)
    await stop()
  })

  it("drops what waits on a connection that is gone", async () => {
    const { open, stop, taken, takenAre } = await start()
    const connection = await open()
    connection.send(...get("/1"), "", ...get("/2"), "", ...get("/3"))
    await takenAre(1)
    connection.socket.destroy()
    await once(taken[0]?.response ?? connection.socket, "close")
    const other = await open()
    other.send(...get("/4"))
    await takenAre(2)
    assert.deepStrictEqual(taken.map(({ request }) => request.url), ["/1", "/4"])
    await stop()
  })

  it("refuses what is too much for a client, but says that the host is alive", async () => {
    const { open, refusals, stop, taken, takenAre } = await start({ perClient: 1 })
    const [first, second, third] = [await open(), await open(), await open()] as const
    first.send(...get("/1"), "X-Client: ann")
    await takenAre(1)
    second.send(...get("/2"), "X-Client: ann")
    await second.until(/503 .*retry-after: 1\r\n.*"code":"overloaded"/s)
    assert.deepStrictEqual(refusals, ["Overloaded"])
    third.send(...get("/healthz"), "X-Client: ann")
    await takenAre(2)
    taken[0]?.response.end()
    await once(taken[0]?.response ?? first.socket, "close")
    second.send(...get("/3"), "X-Client: ann")
    await takenAre(3)
    assert.deepStrictEqual(taken.map(({ request }) => request.url), ["/1", "/healthz", "/3"])
    await stop()
  })

  it("answers what is sound before it says what is not", async () => {
    const { open, stop, taken, takenAre } = await start()
    const connection = await open()
    connection.send(...get("/1"), "", "no request at all")
    await takenAre(1)
    taken[0]?.response.end("the answer")
    assert.deepStrictEqual(await connection.lastAnswer(), [400, "bad_request"])
    assert.match(connection.received, /^HTTP\/1.1 200 .*the answerHTTP\/1.1 400 /s)
    await stop()
  })

  it("lets nothing begin while it closes, and cuts what does not end", async () => {
    const { open, server, stop, takenAre } = await start()
    const connections = await Promise.all(Array.from({ length: 20 }, open))
    const idle = await Promise.all(Array.from({ length: 20 }, open))
    for (const connection of connections) connection.send(...get("/"))
    await takenAre(20)
    await stop()
    assert.isFalse(server.listening)
    await Promise.all([...connections, ...idle].map(({ closed }) => closed))
  })

  it("tells clients how long it keeps an idle connection", async () => {
    const { open, stop, taken, takenAre } = await start({ keepAliveSeconds: 65 })
    const connection = await open()
    connection.send(...get("/"))
    await takenAre(1)
    taken[0]?.response.end()
    await connection.until("Keep-Alive: timeout=65")
    await stop()
  })
})
