/**
 * A host whose HTTP server is the application's: it has no gate of ours.
 */
import { type DchatHost, openDchatHost } from "@dchat/http/node"
import { assert, describe, it } from "@effect/vitest"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { afterAll, beforeAll, vi } from "vitest"
import { RawConnection } from "../packages/http/test/support/RawConnection.ts"

const json = { "content-type": "application/json" }
const post = (origin: string, path: string, body: unknown): Promise<Response> =>
  fetch(origin + path, { method: "POST", headers: json, body: JSON.stringify(body) })

interface Members {
  readonly message: string
  readonly nonceId: string
  readonly token: string
  readonly code: string
}

/** Each answer has the members that its test reads. */
const membersOf = async (answer: Response) => (await answer.json()) as Members

const signIn = async (origin: string): Promise<string> => {
  const account = privateKeyToAccount(generatePrivateKey())
  const { message, nonceId } = await membersOf(
    await post(origin, "/auth/wallet/nonce", { address: account.address, chainId: 1 })
  )
  const signature = await account.signMessage({ message })
  const { token } = await membersOf(await post(origin, "/auth/wallet/verify", { nonceId, signature }))
  return token
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

describe("A host in a server of the application", { timeout: 120_000 }, () => {
  let folder = ""
  let dchat: DchatHost
  let token = ""
  const server = createServer((request, response) => dchat.handler(request, response))
  server.on("upgrade", (request, socket, head) => {
    if (request.headers["x-leave"] === undefined) return dchat.upgrade(request, socket, head)
    socket.destroy().once("close", () => dchat.upgrade(request, socket, head))
  })
  const origin = () => `http://localhost:${portOf(server)}`
  const open = () => RawConnection.open(portOf(server))
  const host = () => `Host: localhost:${portOf(server)}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-mounted-"))
    // The user that PostgreSQL runs as enters it.
    await chmod(folder, 0o755)
    await once(server.listen(0, "127.0.0.1"), "listening")
    dchat = await openDchatHost({ DCHAT_DATA_DIR: join(folder, "data"), PORT: String(portOf(server)) })
    token = await signIn(origin())
  }, 120_000)

  afterAll(async () => {
    await dchat.close()
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  })

  const handshake = (...lines: ReadonlyArray<string>) => [
    "GET /api/realtime HTTP/1.1",
    host(),
    `Authorization: Bearer ${token}`,
    "Connection: Upgrade",
    ...lines
  ]
  const webSocket = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]

  it("upgrades a connection to nothing but a WebSocket", async () => {
    const refused = [
      handshake("Upgrade: foo"),
      handshake("Upgrade: foo", "Content-Length: 10"),
      handshake("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"),
      handshake(...webSocket, "Sec-WebSocket-Protocol: a,,b"),
      handshake(...webSocket, "Sec-WebSocket-Protocol: a, a")
    ]
    for (const lines of refused) {
      const connection = await open()
      assert.deepStrictEqual(await connection.send(...lines).lastAnswer(), [426, "upgrade_required"], lines.join(" | "))
    }
    const connection = await open()
    await connection.send(...handshake(...webSocket, "Sec-WebSocket-Protocol: a, dchat.v1")).until("HTTP/1.1 101")
    assert.include(connection.received, "Sec-WebSocket-Protocol: dchat.v1")
    connection.socket.destroy()
  })

  it("closes a connection that it has refused, though the client keeps its side open", async () => {
    const [connection, [ours]] = await Promise.all([open(), once(server, "connection") as Promise<[Socket]>])
    connection.send("GET /api/realtime HTTP/1.1", host(), "Connection: Upgrade", ...webSocket)
    await once(ours, "close")
    assert.match(connection.received, /^HTTP\/1.1 401 /)
    connection.socket.destroy()
  })

  it("refuses a request with two hosts, or with a target that is too long", async () => {
    const twice = await open()
    assert.deepStrictEqual(
      await twice.send("GET /auth/me HTTP/1.1", host(), "Host: elsewhere.example").lastAnswer(),
      [400, "bad_request"]
    )
    const long = await open()
    assert.deepStrictEqual(
      await long.send(`GET /auth/me?${"x".repeat(5000)} HTTP/1.1`, host()).lastAnswer(),
      [414, "uri_too_long"]
    )
  })

  it("logs no failure of its own when a client leaves before the WebSocket is open", async () => {
    const log = vi.spyOn(console, "log")
    const leaving = await open()
    await leaving.send(...handshake(...webSocket, "X-Leave: yes")).closed
    // Another connection of the same session goes the same way after it.
    const staying = await open()
    await staying.send(...handshake(...webSocket)).until("HTTP/1.1 101")
    staying.socket.destroy()
    assert.deepStrictEqual(log.mock.calls, [])
    log.mockRestore()
  })

  it("answers 503 to every request once it is closed", async () => {
    await dchat.close()
    for (const path of ["/healthz", "/auth/me", "/openapi.json"]) {
      const answer = await fetch(origin() + path)
      assert.deepStrictEqual([answer.status, (await membersOf(answer)).code], [503, "overloaded"], path)
      const web = await dchat.fetch(new Request(origin() + path))
      assert.deepStrictEqual([web.status, (await membersOf(web)).code], [503, "overloaded"], path)
    }
    const connection = await open()
    assert.deepStrictEqual(await connection.send(...handshake(...webSocket)).lastAnswer(), [503, "overloaded"])
  })
})
