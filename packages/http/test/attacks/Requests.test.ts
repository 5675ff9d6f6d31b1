import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpEffect, HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { NetAddress } from "effect/net"
import { HostServer } from "../../src/host/HostServer.ts"
import { answerAnyway } from "../../src/middleware/AnswerAnyway.ts"
import { RawConnection } from "../support/RawConnection.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const upgrade = (protocol: string) => ["Connection: Upgrade", `Upgrade: ${protocol}`]
const handshake = ["Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${"a".repeat(22)}==`]
const own = "Host: localhost:PORT"
const chunked = ["Content-Type: application/json", "Transfer-Encoding: chunked"]

/** A request, and status and code of the answer after which the host closes the connection. */
const requests: ReadonlyArray<readonly [name: string, lines: ReadonlyArray<string>, number, string?]> = [
  ["a path that is too long", [`GET /${"a".repeat(5000)} HTTP/1.1`, own], 414, "uri_too_long"],
  ["a query that is too long", [`GET /api/users?query=${"a".repeat(5000)} HTTP/1.1`, own], 414, "uri_too_long"],
  ["a path without an end", [`GET /${"a".repeat(20_000)} HTTP/1.1`, own], 414, "uri_too_long"],
  ["a header that is too long", ["GET /healthz HTTP/1.1", own, `X: ${"a".repeat(20_000)}`], 431, "headers_too_large"],
  ["no host", ["GET /healthz HTTP/1.1"], 400, "bad_request"],
  ["two hosts", ["GET /healthz HTTP/1.1", own, "Host: evil.example"], 400, "bad_request"],
  ["a method that is none", ["G@T /healthz HTTP/1.1", own], 400, "bad_request"],
  ["a tunnel", ["CONNECT evil.example:443 HTTP/1.1", own], 405, "method_not_allowed"],
  ["an unknown expectation", ["GET /healthz HTTP/1.1", own, "Expect: a miracle"], 417, "expectation_failed"],
  ["two lengths", ["POST /auth/token HTTP/1.1", own, "Content-Length: 1", "Content-Length: 2"], 400, "bad_request"],
  [
    "length and chunks",
    ["POST /auth/token HTTP/1.1", own, "Content-Length: 1", "Transfer-Encoding: chunked"],
    400,
    "bad_request"
  ],
  ["a broken chunk", ["POST /auth/token HTTP/1.1", own, ...chunked, "", "zz"], 400, "bad_request"],
  ["a protocol nobody knows", ["GET /healthz HTTP/1.1", own, ...upgrade("foo")], 200],
  ["a WebSocket elsewhere", ["GET /healthz HTTP/1.1", own, ...upgrade("websocket"), ...handshake], 200],
  ["a WebSocket nowhere", ["GET /nothing HTTP/1.1", own, ...upgrade("websocket"), ...handshake], 404, "not_found"],
  [
    "another protocol for realtime",
    [
      "GET /api/realtime HTTP/1.1",
      own,
      "Authorization: Bearer TOKEN",
      ...upgrade("foo")
    ],
    426,
    "upgrade_required"
  ],
  [
    "a WebSocket without a key",
    [
      "GET /api/realtime HTTP/1.1",
      own,
      "Authorization: Bearer TOKEN",
      ...upgrade("websocket")
    ],
    426,
    "upgrade_required"
  ],
  [
    "another spelling of realtime",
    [
      "GET /api/realtim%65 HTTP/1.1",
      own,
      "Authorization: Bearer TOKEN",
      ...upgrade("websocket"),
      ...handshake
    ],
    426,
    "upgrade_required"
  ],
  [
    "a WebSocket of nobody",
    [
      "GET /api/realtime HTTP/1.1",
      own,
      ...upgrade("websocket"),
      ...handshake
    ],
    401,
    "unauthenticated"
  ],
  ["percent signs without a meaning", ["GET /%E0%A4%A HTTP/1.1", own, "Connection: close"], 404, "not_found"],
  [
    "such in the API",
    [
      "GET /api/webrtc/call/%E0%A4%A HTTP/1.1",
      own,
      "Authorization: Bearer TOKEN",
      "Connection: close"
    ],
    404,
    "not_found"
  ],
  ["no path", ["GET * HTTP/1.1", own, "Connection: close"], 404, "not_found"],
  ["the options of everything", ["OPTIONS * HTTP/1.1", own, "Connection: close"], 204],
  ["a whole URL", ["GET http://localhost:PORT/healthz HTTP/1.1", own, "Connection: close"], 200],
  [
    "a whole URL elsewhere",
    ["GET http://evil.example/auth/me HTTP/1.1", own, "Connection: close"],
    421,
    "host_not_allowed"
  ],
  ["a whole URL of nothing", ["GET http:// HTTP/1.1", own, "Connection: close"], 404, "not_found"],
  ["two slashes", ["GET //evil.example/ HTTP/1.1", own, "Connection: close"], 404, "not_found"],
  ["a rare method", ["SUBSCRIBE /healthz HTTP/1.1", own, "Connection: close"], 405, "method_not_allowed"]
]

layer(memoryHost(), { excludeTestServices: true })("Every request gets an answer", (it) => {
  it.effect.each(requests)("to %s", ([, lines, status, code]) =>
    Effect.gen(function*() {
      const { port, signIn } = yield* TestHost
      const text = lines.join("\r\n")
      const token = text.includes("TOKEN") ? (yield* signIn()).token : ""
      const request = text.replaceAll("PORT", String(port)).replace("TOKEN", token)
      const connection = yield* Effect.promise(() => RawConnection.open(port))
      assert.deepStrictEqual(yield* Effect.promise(() => connection.send(request).lastAnswer()), [status, code])
    }))

  it.effect("to a browser with cookies of unknown names", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const cookie = [..."abcdefg"].map((letter) => `dchat_dev_native_${letter}@b0=x`).join("; ")
      const query = `redirect_uri=http://127.0.0.1/&code_challenge=${"a".repeat(43)}&code_challenge_method=S256&state=s`
      const answer = yield* send("GET", `/auth/native/start?${query}`, { headers: { cookie } })
      assert.strictEqual(answer.status, 200, answer.text)
      assert.notInclude(String(answer.headers["set-cookie"]), "@")
    }))
})

const BrokenApp = HttpRouter.serve(
  HttpRouter.add(
    "GET",
    "/broken",
    Effect.gen(function*() {
      yield* HttpEffect.appendPreResponseHandler(() => Effect.die("planted"))
      return HttpServerResponse.empty()
    })
  ),
  { middleware: answerAnyway, disableListenLog: true, disableLogger: true }
).pipe(Layer.provideMerge(HostServer({ host: "127.0.0.1", port: 0 })))

layer(BrokenApp, { excludeTestServices: true })("An answer that fails while it is encoded", (it) => {
  it.effect("is a problem", () =>
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const port = NetAddress.isInetAddress(address) ? address.port : 0
      const connection = yield* Effect.promise(() => RawConnection.open(port))
      const answer = connection.send("GET /broken HTTP/1.1", "Host: localhost", "Connection: close").lastAnswer()
      assert.deepStrictEqual(yield* Effect.promise(() => answer), [500, "internal_error"])
    }))
})
