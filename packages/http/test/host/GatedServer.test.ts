import { assert, describe, it } from "@effect/vitest"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { GatedServer, type GateOptions } from "../../src/host/GatedServer.ts"
import { Handshakes } from "../../src/host/Handshakes.ts"
import { maxWaiting } from "../../src/host/RequestQueue.ts"
import { gateLimits } from "../../src/limits/GateLimits.ts"
import { RawConnection } from "../support/RawConnection.ts"

const get = (path: string) => [`GET ${path} HTTP/1.1`, "Host: localhost"]

/** A listening gate. Its requests wait in `taken` until the test answers them. */
const start = async (options: Partial<GateOptions> = {}) => {
  const taken: Array<{ readonly request: IncomingMessage; readonly response: ServerResponse }> = []
  const refusals: Array<string> = []
  const server = new GatedServer({
    ...gateLimits,
    perHost: 100,
    perClient: 100,
    keepAliveSeconds: 65,
    maxConnections: 100,
    closingTime: 1,
    peerOf: (key) => ({ key, isProxy: true }),
    clientOf: ({ headers }) => String(headers["x-client"]),
    realtimePath: "/realtime",
    handshakes: new Handshakes(),
    refused: (what) => {
      refusals.push(what)
      server.emit("refused")
    },
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
  const refusedAre = async (count: number) => {
    while (refusals.length < count) await once(server, "refused")
  }
  const stop = () => new Promise((resolve) => server.close(resolve))
  return { server, taken, refusals, open, takenAre, refusedAre, stop }
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

  it("cuts a connection on which more requests wait than the limit", async () => {
    const { open, stop, taken } = await start()
    const connection = await open()
    connection.socket.write(Array.from({ length: maxWaiting + 2 }, () => `${get("/").join("\r\n")}\r\n\r\n`).join(""))
    await connection.closed
    assert.lengthOf(taken, 1)
    await stop()
  })

  it("cuts a connection on which many requests arrive at once, even if each is answered at once", async () => {
    const { open, server, stop, taken } = await start()
    server.on("request", (_, response) => response.end())
    const connection = await open()
    connection.socket.write(`${get("/").join("\r\n")}\r\n\r\n`.repeat(2000))
    await connection.closed
    assert.isBelow(taken.length, 100)
    await stop()
  })

  it("reads nothing more on a connection that it has cut", async () => {
    const { open, refusals, server, stop } = await start()
    let read = 0
    const count = (message: unknown) => {
      if ((message as { readonly server: unknown }).server === server) read += 1
    }
    subscribe("http.server.request.start", count)
    const connection = await open()
    connection.socket.write(`${get("/").join("\r\n")}\r\n\r\n`.repeat(1000))
    await connection.closed
    unsubscribe("http.server.request.start", count)
    assert.strictEqual(read, maxWaiting + 1)
    assert.deepStrictEqual(refusals, ["pipelining"])
    await stop()
  })

  it("cuts connections of a peer that has too many, and admits other peers", async () => {
    const { open, refusals, stop, taken, takenAre } = await start({
      openPerPeer: 2,
      peerOf: (key) => ({ key, isProxy: false })
    })
    const [first, second] = [await open(), await open()]
    const third = await open()
    await third.closed
    assert.deepStrictEqual(refusals, ["connection_refused"])
    second.send(...get("/2"))
    await takenAre(1)
    const closed = once(taken[0]?.response ?? first.socket, "close")
    second.socket.destroy()
    await closed
    const fourth = await open()
    fourth.send(...get("/4"))
    await takenAre(2)
    assert.deepStrictEqual(taken.map(({ request }) => request.url), ["/2", "/4"])
    await stop()
  })

  it("cuts new connections of a peer that opens too many", async () => {
    const { open, refusals, stop } = await start({
      newAtOnce: 3,
      newPerSecond: 1 / 3600,
      peerOf: (key) => ({ key, isProxy: false })
    })
    for (let index = 0; index < 3; index++) (await open()).socket.destroy()
    await (await open()).closed
    assert.deepStrictEqual(refusals, ["connection_refused"])
    await stop()
  })

  it("does not limit the connections of a proxy", async () => {
    const { open, refusals, stop, takenAre } = await start({ openPerPeer: 1, newAtOnce: 1, newPerSecond: 1 / 3600 })
    for (let count = 1; count <= 3; count++) {
      ;(await open()).send(...get("/"))
      await takenAre(count)
    }
    assert.isEmpty(refusals)
    await stop()
  })

  it("refuses the requests of a client that sends too many, and stays alive for health checks", async () => {
    const { open, refusals, server, stop, taken } = await start({ atOnce: 2, perSecond: 1 / 3600 })
    server.on("request", (_, response) => response.end("the answer"))
    const connection = await open()
    for (const count of [1, 2]) {
      connection.send(...get("/"), "X-Client: ann")
      await connection.until(new RegExp(`(the answer.*){${count}}`, "s"))
    }
    connection.send(...get("/"), "X-Client: ann")
    await connection.until(/429 .*retry-after: 1\r\n.*"code":"rate_limited"/s)
    connection.send(...get("/healthz"), "X-Client: ann")
    await connection.until(/200 OK\r\n[^{]*\{"status":"ok"\}$/)
    connection.send(...get("/"), "X-Client: bob")
    await connection.until(/(the answer.*){3}/s)
    assert.lengthOf(taken, 3)
    assert.deepStrictEqual(refusals, ["TooManyRequests"])
    await stop()
  })

  it("closes the connection of a client that sends too many requests", async () => {
    const { open, server, stop } = await start({
      atOnce: 1,
      perSecond: 1 / 3600,
      peerOf: (key) => ({ key, isProxy: false })
    })
    server.on("request", (_, response) => response.end())
    const connection = await open()
    connection.send(...get("/1"), "", ...get("/2"), "", ...get("/3"))
    assert.deepStrictEqual(await connection.lastAnswer(), [429, "rate_limited"])
    assert.lengthOf([...connection.received.matchAll(/HTTP\/1.1 /g)], 2)
    await stop()
  })

  it("frees the place of a request when its answer is complete, whether it is read or not", async () => {
    const { open, stop, taken, takenAre } = await start({ perHost: 1 })
    const deaf = await open()
    deaf.socket.pause()
    deaf.send(...get("/big"))
    await takenAre(1)
    const response = taken[0]?.response
    response?.end(Buffer.alloc(32 * 1024 * 1024))
    assert.isFalse(response?.writableFinished)
    const other = await open()
    other.send(...get("/other"), "X-Client: bob")
    await takenAre(2)
    assert.isFalse(response?.writableFinished)
    await stop()
  })

  it("cuts a client that does not read", async () => {
    const { open, refusals, refusedAre, stop, taken, takenAre } = await start({
      lookEvery: 1,
      patience: 1,
      slowest: 1e12
    })
    const deaf = await open()
    deaf.socket.pause()
    deaf.send(...get("/big"))
    await takenAre(1)
    const { response, request } = taken[0] ?? assert.fail()
    response.end(Buffer.alloc(32 * 1024 * 1024))
    await once(request.socket, "close")
    await refusedAre(1)
    assert.deepStrictEqual(refusals, ["unread"])
    await stop()
  })

  it("refuses a client with too much unread data, and answers other clients", async () => {
    const { open, stop, taken, takenAre } = await start({ unreadPerClient: 1 })
    const deaf = await open()
    deaf.socket.pause()
    deaf.send(...get("/big"), "X-Client: ann")
    await takenAre(1)
    taken[0]?.response.end(Buffer.alloc(32 * 1024 * 1024))
    const other = await open()
    other.send(...get("/other"), "X-Client: ann")
    await other.until(/503 .*"code":"overloaded"/s)
    other.send(...get("/other"), "X-Client: bob")
    await takenAre(2)
    deaf.socket.destroy()
    await once(taken[0]?.response ?? deaf.socket, "close")
    const third = await open()
    third.send(...get("/third"), "X-Client: ann")
    await takenAre(3)
    await stop()
  })

  it("cuts the client with the most unread data if the total is too much", async () => {
    const { open, refusals, refusedAre, stop, taken, takenAre } = await start({ allUnread: 1 })
    const deaf = await open()
    deaf.socket.pause()
    deaf.send(...get("/big"))
    await takenAre(1)
    taken[0]?.response.end(Buffer.alloc(32 * 1024 * 1024))
    await refusedAre(1)
    assert.deepStrictEqual(refusals, ["unread"])
    await stop()
  })

  it("drops the waiting requests of a closed connection", async () => {
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

  it("refuses the excess requests of a client, and answers health checks", async () => {
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

  it("answers the valid requests before an invalid one", async () => {
    const { open, stop, taken, takenAre } = await start()
    const connection = await open()
    connection.send(...get("/1"), "", "no request at all")
    await takenAre(1)
    taken[0]?.response.end("the answer")
    assert.deepStrictEqual(await connection.lastAnswer(), [400, "bad_request"])
    assert.match(connection.received, /^HTTP\/1.1 200 .*the answerHTTP\/1.1 400 /s)
    await stop()
  })

  it("lets no request begin while it closes, and cuts those that do not end", async () => {
    const { open, server, stop, takenAre } = await start()
    const connections = await Promise.all(Array.from({ length: 20 }, open))
    const idle = await Promise.all(Array.from({ length: 20 }, open))
    for (const connection of connections) connection.send(...get("/"))
    await takenAre(20)
    await stop()
    assert.isFalse(server.listening)
    await Promise.all([...connections, ...idle].map(({ closed }) => closed))
  })

  it("tells clients for how long it keeps an idle connection", async () => {
    const { open, stop, taken, takenAre } = await start({ keepAliveSeconds: 65 })
    const connection = await open()
    connection.send(...get("/"))
    await takenAre(1)
    taken[0]?.response.end()
    await connection.until("Keep-Alive: timeout=65")
    await stop()
  })
})
