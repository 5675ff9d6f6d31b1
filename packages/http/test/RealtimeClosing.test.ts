import { hashToken, SessionRepository } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import { CloseCode } from "../src/realtime/RealtimeSocket.ts"
import { deaf, online, promise } from "./support/talking.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

/** A call between a user whose client does not close on request, and another user. */
const talking = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  const [ann, bob] = [yield* signIn(), yield* signIn()]
  const annSays = yield* deaf(ann, "a")
  const bobSays = yield* online(bob, "b")
  const placed = yield* promise(() =>
    annSays.request({ type: "call.initiate", callType: "audio", participants: [bob.id] })
  )
  const { id: callId } = placed["result"] as { id: string }
  yield* promise(() => bobSays.request({ type: "call.accept", callId }))
  yield* promise(() => annSays.event("Accepted"))
  return { ann, annSays, bob, bobSays, callId }
})

layer(memoryHost())("A connection that the server closes and the client does not", (it) => {
  it.effect("executes nothing and receives nothing once its session has ended, and is cut", () =>
    Effect.gen(function*() {
      const { ann, annSays, bob, bobSays, callId } = yield* talking
      yield* ann.post("/auth/logout")
      yield* promise(() => annSays.find(({ type }) => type === "session.revoked"))
      annSays.send({ type: "call.leave", id: "late", callId })
      annSays.send({ type: "ping", id: "later" })
      yield* promise(() => bobSays.request({ type: "call.media", callId, audio: false }))
      assert.strictEqual(yield* promise(() => annSays.closed), CloseCode.sessionRevoked)
      assert.strictEqual(annSays.frames.at(-1)?.type, "session.revoked")
      assert.strictEqual((yield* bob.get(`/api/webrtc/call/${callId}`)).json.state, "connected")
    }))

  it.effect("is closed within a second after another process has ended its session or replaced its token", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const sessions = yield* SessionRepository
      const opened = Effect.gen(function*() {
        const person = yield* signIn()
        const { json } = yield* person.get("/auth/me")
        return { client: yield* online(person, "a"), id: json.session.id }
      })
      const [ended, replaced, kept] = [yield* opened, yield* opened, yield* opened]
      const now = yield* DateTime.now
      // As another host and the command line do, of which this host is told nothing.
      yield* sessions.revoke(ended.id, now)
      yield* sessions.replaceToken({ id: replaced.id, generation: 0 }, yield* hashToken("another"), now)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* promise(() => ended.client.closed), CloseCode.sessionRevoked)
      assert.strictEqual(yield* promise(() => replaced.client.closed), CloseCode.tokenReplaced)
      kept.client.send({ type: "ping", id: "still" })
      yield* promise(() => kept.client.find(({ id }) => id === "still"))
    }))

  it.effect("is also cut when its user is deleted", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const client = yield* deaf(ann, "a")
      const { send } = yield* TestHost
      assert.strictEqual((yield* send("DELETE", "/auth/me", { token: ann.token })).status, 204)
      yield* promise(() => client.find(({ type }) => type === "session.revoked"))
      client.send({ type: "ping", id: "late" })
      assert.strictEqual(yield* promise(() => client.closed), CloseCode.sessionRevoked)
      assert.strictEqual(client.frames.at(-1)?.type, "session.revoked")
    }))

  it.effect("executes nothing after it was closed for its frames, and is cut", () =>
    Effect.gen(function*() {
      const { annSays, bob, callId } = yield* talking
      for (let index = 0; index < 10; index++) annSays.send("nonsense")
      annSays.send({ type: "call.leave", id: "late", callId })
      assert.strictEqual(yield* promise(() => annSays.closed), CloseCode.policyViolation)
      assert.isFalse(annSays.frames.some(({ id }) => id === "late"))
      assert.strictEqual((yield* bob.get(`/api/webrtc/call/${callId}`)).json.state, "connected")
    }))
})
