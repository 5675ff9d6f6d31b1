import { Fault, LinkedInDouble } from "@dchat/doubles/linkedin"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, References } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { inspect } from "node:util"
import { generatePrivateKey } from "viem/accounts"
import { MemoryPorts } from "../../src/host/Layers.ts"
import { Browser } from "../support/Browser.ts"
import { linkedInOptions } from "../support/LinkedInHost.ts"
import { TestHost, testHost } from "../support/TestHost.ts"

const secret = randomBytes(32).toString("base64url")
const sdp = "v=0\r\no=- 987654321 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n" +
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"

/** Everything that a host writes at the most talkative level, with all that hangs on it. */
const recorded = Effect.gen(function*() {
  const lines: Array<string> = []
  const logger = Logger.make((entry) => {
    lines.push(
      inspect([entry.message, entry.cause, entry.fiber.getRef(References.CurrentLogAnnotations)], { depth: 12 })
    )
  })
  const double = yield* LinkedInDouble.start()
  const context = yield* Layer.build(
    testHost(MemoryPorts, { secrets: [secret], identity: { linkedIn: linkedInOptions(double) } }).pipe(
      Layer.provideMerge(Layer.mergeAll(
        Logger.layer([logger]),
        Layer.succeed(References.MinimumLogLevel, "All")
      ))
    )
  )
  const host = Context.get(context, TestHost)
  yield* double.allowRedirect(`${host.url}/auth/linkedin/callback`)
  return { double, host, lines }
})

describe("The log", () => {
  it.live("has no code, token, secret, signature, SDP or e-mail, whatever users do and whatever fails", () =>
    Effect.gen(function*() {
      const { double, host, lines } = yield* recorded
      const seen: Array<string> = [secret, "987654321", "@example.com"]
      const see = (text: string) => {
        seen.push(...text.match(/(dcs|dct|dcm|dcc)_[A-Za-z0-9_-]{43}|eyJ[A-Za-z0-9_.-]{20,}|0x[0-9a-f]{128,}/g) ?? [])
      }
      const watched: TestHost["Service"] = {
        ...host,
        send: (method, path, ask) => {
          see(path + JSON.stringify(ask ?? {}))
          return Effect.tap(
            host.send(method, path, ask),
            ({ headers, text }) => Effect.sync(() => see(text + JSON.stringify(headers)))
          )
        }
      }
      const [ann, bob] = [new Browser(watched), new Browser(watched)]
      const key = generatePrivateKey()
      yield* ann.linkedIn("ada")
      yield* bob.signInByWallet(key)
      yield* ann.post("/auth/linkedin/sync")
      const taken = yield* ann.post("/auth/wallet/link", yield* ann.proof("link", key))
      assert.strictEqual(taken.json.code, "owned_by_other")
      yield* ann.post("/auth/merge", { ticket: taken.json.ticket })
      yield* ann.post("/api/realtime/ticket")

      const verifier = randomBytes(32).toString("base64url")
      const challenge = createHash("sha256").update(verifier).digest("base64url")
      const redirect = encodeURIComponent("http://127.0.0.1:1/callback")
      const page = yield* bob.get(
        `/auth/native/start?redirect_uri=${redirect}&code_challenge=${challenge}&code_challenge_method=S256&state=x`
      )
      const flow = /data-flow="([^"]+)"/.exec(page.text)?.[1]
      const { json } = yield* bob.post("/auth/native/wallet", { flow, ...yield* bob.proof("login") })
      const code = new URL(json.location).searchParams.get("code")
      const body = { code, codeVerifier: verifier, redirectUri: "http://127.0.0.1:1/callback" }
      seen.push(verifier)
      const { token } = (yield* watched.send("POST", "/auth/token", { body })).json
      const me = (yield* ann.get("/auth/me")).json.user
      const call = yield* watched.send("POST", "/api/webrtc/call/initiate", {
        token,
        body: { type: "audio", participants: [me.id] }
      })
      yield* watched.send("POST", `/api/webrtc/call/${call.json.id}/offer`, { token, body: { sdp } })
      yield* watched.send("POST", `/api/webrtc/call/${call.json.id}/offer`, { token, body: { sdp: 7, other: sdp } })

      for (const fault of [Fault.badSignature, Fault.html(502), Fault.throttled, Fault.flood(), Fault.noIdToken]) {
        yield* double.faults.set("token", fault)
        yield* new Browser(watched).linkedIn("ada")
      }
      yield* double.faults.clear
      yield* watched.send("GET", `/auth/linkedin/callback?code=${token}&state=${token}`)
      yield* watched.send("GET", `/api/realtime?ticket=${token}`)
      yield* watched.send("GET", "/auth/me", { token: `${token}x` })
      yield* watched.send("POST", "/auth/token", {
        raw: `{"code":"${token}"`,
        headers: { "content-type": "application/json" }
      })

      seen.push(...yield* double.log.secrets)
      const log = lines.join("\n")
      assert.include(log, "/auth/linkedin/callback", "the log was written")
      assert.isAbove(seen.length, 30)
      for (const text of seen) assert.isFalse(log.includes(text), `the log holds ${text.slice(0, 12)}...`)
      assert.notMatch(log, /(dcs|dct|dcm|dcc)_[A-Za-z0-9_-]{43}/)
      assert.notMatch(log, /a=fingerprint/)
    }).pipe(Effect.scoped))
})
