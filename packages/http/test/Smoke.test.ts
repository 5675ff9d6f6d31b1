import { layer } from "@effect/vitest"
import { Effect } from "effect"
import { memoryHost, TestHost } from "./support/TestHost.ts"

layer(memoryHost(), { excludeTestServices: true })("smoke", (it) => {
  it.effect("x", () =>
    Effect.gen(function*() {
      const host = yield* TestHost
      const ann = yield* host.signIn()
      const bob = yield* host.signIn()
      const show = (a: any) => console.log(a.status, JSON.stringify(a.headers), a.text.slice(0, 1500))
      show(yield* ann.get("/auth/me"))
      show(yield* host.send("GET", "/auth/me"))
      const c = yield* ann.post("/api/webrtc/call/initiate", { type: "video", participants: [bob.id] })
      show(c)
      show(yield* ann.post(`/api/webrtc/call/${c.json.id}/offer`, { sdp: "x" }))
      show(yield* ann.post(`/api/webrtc/call/${c.json.id}/accept`))
      show(yield* ann.post(`/api/webrtc/call/${c.json.id}/offer`, { sdp: 1 }))
      show(
        yield* host.send("POST", `/api/webrtc/call/${c.json.id}/offer`, {
          token: ann.token,
          raw: "{",
          headers: { "content-type": "application/json" }
        })
      )
      show(yield* bob.get(`/api/webrtc/call/${c.json.id}?after=0`))
      show(yield* bob.get(`/api/webrtc/call/${c.json.id}/events`))
      show(yield* bob.post(`/api/webrtc/call/${c.json.id}/end`))
      show(yield* bob.get(`/api/webrtc/calls/history?limit=1`))
      show(yield* bob.get(`/api/webrtc/calls/active`))
      show(yield* bob.get(`/nothing`))
      show(yield* host.send("PUT", "/auth/me"))
      show(yield* host.send("GET", "/api/webrtc/health"))
      show(yield* host.send("GET", "/readyz"))
      show(yield* host.send("GET", "/openapi.json"))
      show(
        yield* host.send("POST", "/auth/wallet/nonce", {
          raw: "x".repeat(300000),
          headers: { "content-type": "application/json" }
        })
      )
      show(yield* host.send("POST", "/auth/wallet/nonce", { raw: "x", headers: { "content-type": "text/plain" } }))
    }))
})
