import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { CloseCode, maxBacklogBytes } from "../src/realtime/RealtimeSocket.ts"
import { RealtimeClient } from "./support/RealtimeClient.ts"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n" +
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"

const promise = <A>(make: () => Promise<A>) => Effect.promise(make)

const open = Effect.fnUntraced(function*(person: SomeBody) {
  const { url } = yield* TestHost
  const { json } = yield* person.post("/api/realtime/ticket")
  return yield* Effect.acquireRelease(
    promise(() => RealtimeClient.connect(`${url}/api/realtime?ticket=${json.ticket}`)),
    (client) => Effect.sync(() => client.terminate())
  )
})

/** Connected and greeted. */
const online = Effect.fnUntraced(function*(person: SomeBody, device: string, resume?: Record<string, number>) {
  const client = yield* open(person)
  const welcome = yield* promise(() => client.hello(device, resume))
  return { client, welcome }
})

/** Two connected users with one window each. */
const talking = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  const [ann, bob] = [yield* signIn(), yield* signIn()]
  const [annSays, bobSays] = [(yield* online(ann, "a")).client, (yield* online(bob, "b")).client]
  const placed = yield* promise(() =>
    annSays.request({ type: "call.initiate", callType: "audio", participants: [bob.id] })
  )
  const { id: callId } = placed["result"] as { id: string }
  yield* promise(() => bobSays.event("Invited"))
  const accepted = yield* promise(() => bobSays.request({ type: "call.accept", callId }))
  assert.isTrue(accepted["ok"])
  yield* promise(() => annSays.event("Accepted"))
  return { ann, bob, annSays, bobSays, callId }
})

const codeOf = (reply: Record<string, unknown>) => (reply["problem"] as { code: string } | undefined)?.code

layer(memoryHost())("Realtime", (it) => {
  it.effect("carries a call from ringing to hanging up, with each event to its audience", () =>
    Effect.gen(function*() {
      const { annSays, ann, bob, bobSays, callId } = yield* talking
      const offered = yield* promise(() => annSays.request({ type: "call.offer", callId, sdp }))
      assert.isTrue(offered["ok"])
      const offer = yield* promise(() => bobSays.event("Offer"))
      assert.deepInclude(offer["event"] as object, { from: ann.id, to: bob.id, negotiation: 1, sdp })
      yield* promise(() => bobSays.request({ type: "call.answer", callId, sdp }))
      yield* promise(() => annSays.event("Answer"))
      const candidates = [{ candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0" }]
      yield* promise(() => annSays.request({ type: "call.candidates", callId, candidates }))
      const trickled = yield* promise(() => bobSays.event("Candidates"))
      assert.deepInclude(trickled["event"] as object, { candidates })
      yield* promise(() => bobSays.request({ type: "call.link", callId, state: "up" }))
      yield* promise(() => annSays.event("LinkUp"))
      yield* promise(() => annSays.request({ type: "call.leave", callId }))
      const ended = yield* promise(() => bobSays.event("CallEnded"))
      assert.deepInclude(ended["event"] as object, { reason: "hangup" })
      assert.notInclude(annSays.events().map(([type]) => type), "Offer")
    }))

  it.effect("sends the invited user a snapshot first, and then the invitation", () =>
    Effect.gen(function*() {
      const { bobSays, callId } = yield* talking
      const [snapshot, invited] = bobSays.frames.filter((frame) => frame["callId"] === callId)
      assert.deepInclude(snapshot, { type: "call.snapshot", seq: 0 })
      assert.deepInclude(invited, { type: "call.event", after: 0 })
    }))

  it.effect("sends another snapshot to a user who is invited again, or rejoins, after leaving", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { annSays, bob, bobSays, callId } = yield* talking
      const cat = yield* signIn()
      const { client: catSays } = yield* online(cat, "c")
      const { client: desk } = yield* online(cat, "desk")
      const invite = promise(() => annSays.request({ type: "call.invite", callId, userId: cat.id }))
      const heard = (client: RealtimeClient) =>
        client.frames.filter((frame) => frame["callId"] === callId).map(({ event, type }) =>
          type === "call.snapshot" ? "snapshot" : (event as { type: string }).type
        )
      const again = (client: RealtimeClient, type: string) =>
        promise(() => client.find((frame) => heard(client).filter((each) => each === type).length === 2 && !!frame))

      yield* invite
      yield* promise(() => catSays.event("Invited"))
      yield* promise(() => catSays.request({ type: "call.decline", callId }))
      const { client: away } = yield* online(cat, "away", {
        [callId]: (yield* promise(() => desk.event("DeclinedElsewhere")))["seq"] as number
      })
      yield* promise(() => bobSays.request({ type: "call.media", callId, audio: true }))
      yield* invite
      yield* again(catSays, "Invited")
      assert.deepStrictEqual(heard(catSays), ["snapshot", "Invited", "Left", "snapshot", "Invited"])
      const snapshots = catSays.frames.filter(({ type }) => type === "call.snapshot")
      const shown = snapshots.at(-1)?.["call"] as { participants: ReadonlyArray<{ userId: string; media?: object }> }
      assert.deepInclude(shown.participants.find(({ userId }) => userId === bob.id)?.media, { audio: true })
      yield* promise(() => away.event("Invited"))
      assert.deepStrictEqual(heard(away), ["snapshot", "Invited"])

      yield* promise(() => catSays.request({ type: "call.accept", callId }))
      yield* promise(() => catSays.request({ type: "call.leave", callId }))
      yield* promise(() => catSays.request({ type: "call.join", callId }))
      yield* again(desk, "AnsweredElsewhere")
      assert.deepStrictEqual(heard(desk).slice(-4), ["AnsweredElsewhere", "Left", "snapshot", "AnsweredElsewhere"])
    }))

  it.effect("numbers the events of each user so that `after` is the previous one", () =>
    Effect.gen(function*() {
      const { annSays, bobSays, callId } = yield* talking
      yield* promise(() => annSays.request({ type: "call.offer", callId, sdp }))
      yield* promise(() => bobSays.request({ type: "call.answer", callId, sdp }))
      yield* promise(() => annSays.request({ type: "call.leave", callId }))
      for (const client of [annSays, bobSays]) {
        yield* promise(() => client.event("Left"))
        let last = 0
        for (const frame of client.frames.filter(({ type }) => type === "call.event")) {
          assert.strictEqual(frame["after"], last)
          last = frame["seq"] as number
        }
      }
    }))

  it.effect("stops ringing the other devices once one has answered", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const { client: annSays } = yield* online(ann, "a")
      const { client: phone } = yield* online(bob, "phone")
      const { client: desk } = yield* online(bob, "desk")
      const placed = yield* promise(() =>
        annSays.request({ type: "call.initiate", callType: "audio", participants: [bob.id] })
      )
      const { id: callId } = placed["result"] as { id: string }
      yield* promise(() => phone.request({ type: "call.accept", callId }))
      const elsewhere = yield* promise(() => desk.event("AnsweredElsewhere"))
      const here = yield* promise(() => phone.event("Accepted"))
      assert.strictEqual(elsewhere["seq"], here["seq"])
      const late = yield* promise(() => desk.request({ type: "call.accept", callId }))
      assert.strictEqual(codeOf(late), "answered_elsewhere")
    }))

  it.effect("reconnects a dropped client without a lost or repeated event", () =>
    Effect.gen(function*() {
      const { annSays, bob, bobSays, callId } = yield* talking
      const seen = bobSays.events().at(-1)?.[1] ?? 0
      bobSays.terminate()
      yield* promise(() => annSays.event("Reconnecting"))
      yield* promise(() => annSays.request({ type: "call.offer", callId, sdp }))
      const { client: again } = yield* online(bob, "b", { [callId]: seen })
      yield* promise(() => again.event("Resumed"))
      const events = again.events()
      assert.deepStrictEqual(events.map(([type]) => type).toSorted(), ["Offer", "Reconnecting", "Resumed"])
      assert.deepStrictEqual(events.map(([, seq]) => seq), events.map(([, seq]) => seq).toSorted((a, b) => a - b))
      assert.isTrue(events.every(([, seq]) => seq > seen))
    }))

  it.effect("answers an unusable cursor with a snapshot", () =>
    Effect.gen(function*() {
      const { annSays, bob, callId } = yield* talking
      const { client: ahead } = yield* online(bob, "b", { [callId]: 10_000 })
      yield* promise(() => ahead.find(({ type }) => type === "call.snapshot"))
      yield* promise(() => annSays.request({ type: "call.leave", callId }))
      yield* promise(() => ahead.event("CallEnded"))
      const { client: late } = yield* online(bob, "b", { [callId]: 1 })
      const snapshot = yield* promise(() => late.find(({ type }) => type === "call.snapshot"))
      assert.deepInclude(snapshot["call"] as object, { state: "disconnected", endReason: "hangup" })
    }))

  it.effect("tells the other users when a client returns without its state", () =>
    Effect.gen(function*() {
      const { annSays, bob } = yield* talking
      yield* online(bob, "b")
      const resumed = yield* promise(() => annSays.event("Resumed"))
      assert.deepInclude(resumed["event"] as object, { userId: bob.id, fresh: true })
    }))

  it.effect("sends a page that opens during the ringing the earlier offer", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const { client: annSays } = yield* online(ann, "a")
      const placed = yield* promise(() =>
        annSays.request({ type: "call.initiate", callType: "audio", participants: [bob.id] })
      )
      const { id: callId } = placed["result"] as { id: string }
      yield* promise(() => annSays.request({ type: "call.offer", callId, sdp }))
      const { client: bobSays, welcome } = yield* online(bob, "b")
      assert.lengthOf(welcome["calls"] as Array<unknown>, 1)
      const snapshot = yield* promise(() => bobSays.find(({ type }) => type === "call.snapshot"))
      assert.deepInclude((snapshot["inbox"] as Array<object>)[0], { type: "offer", from: ann.id, sdp })
      const answered = yield* promise(() => bobSays.request({ type: "call.answer", callId, sdp }))
      assert.strictEqual((answered["result"] as { state: string }).state, "connected")
    }))

  it.effect("requires hello first, and once", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const client = yield* open(yield* signIn())
      const early = yield* promise(() =>
        client.request({ type: "call.leave", callId: "01984ab2-0000-7000-8000-0000000000ff" })
      )
      assert.strictEqual(codeOf(early), "hello_expected")
      yield* promise(() => client.hello("a"))
      assert.strictEqual(codeOf(yield* promise(() => client.request({ type: "hello", device: "a" }))), "hello_repeated")
      const pong = yield* promise(() => client.request({ type: "ping" }))
      assert.strictEqual(pong.type, "pong")
    }))

  it.effect("answers invalid frames with a problem, and closes after ten in a row", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { client } = yield* online(yield* signIn(), "a")
      const wrong = [
        "not json",
        "[]",
        "{\"type\":\"call.explode\"}",
        new Uint8Array([1, 2]),
        "{\"type\":\"call.accept\"}"
      ]
      for (const frame of wrong) client.send(frame)
      yield* promise(() => client.request({ type: "ping" }))
      const problems = client.frames.filter(({ type }) => type === "reply")
      assert.deepStrictEqual(problems.map(codeOf), wrong.map(() => "invalid_frame"))
      for (let index = 0; index < 10; index++) client.send("nonsense")
      assert.strictEqual(yield* promise(() => client.closed), CloseCode.policyViolation)
    }))

  it.effect("closes on a message of more than 128 KiB", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { client } = yield* online(yield* signIn(), "a")
      client.send("x".repeat(129 * 1024))
      assert.strictEqual(yield* promise(() => client.closed), 1009)
    }))

  it.effect("refuses commands of a call with the problem of the rule", () =>
    Effect.gen(function*() {
      const { annSays, bobSays, callId } = yield* talking
      const unknown = "01984ab2-0000-7000-8000-0000000000ff"
      const refused = (frame: object) => promise(() => annSays.request(frame)).pipe(Effect.map(codeOf))
      assert.strictEqual(yield* refused({ type: "call.leave", callId: unknown }), "call_not_found")
      assert.strictEqual(yield* refused({ type: "call.answer", callId, sdp }), "no_open_offer")
      assert.strictEqual(yield* refused({ type: "call.offer", callId, sdp: "v=0" }), "invalid_sdp")
      assert.strictEqual(
        yield* refused({ type: "call.candidates", callId, candidates: [], negotiation: 2 }),
        "stale_negotiation"
      )
      const early = yield* promise(() => bobSays.request({ type: "call.offer", callId, sdp }))
      assert.strictEqual(codeOf(early), "not_offerer")
      yield* promise(() => annSays.request({ type: "call.leave", callId }))
      assert.strictEqual(yield* refused({ type: "call.media", callId, audio: true }), "call_over")
    }))

  it.effect("requires a live session, and accepts a ticket once", () =>
    Effect.gen(function*() {
      const { signIn, url } = yield* TestHost
      const ann = yield* signIn()
      const status = (query: string, headers: Record<string, string> = {}) =>
        promise(() =>
          RealtimeClient.connect(`${url}/api/realtime${query}`, headers).then(
            () => "in",
            (error: Error) => error.message
          )
        )
      assert.strictEqual(yield* status(""), "401")
      assert.strictEqual(yield* status("?ticket=dct_forged"), "401")
      assert.strictEqual(yield* status("", { authorization: "Bearer dcs_forged" }), "401")
      assert.strictEqual(yield* status("", { cookie: `dchat_dev_session=${ann.token}` }), "403")
      assert.strictEqual(
        yield* status("", { cookie: `dchat_dev_session=${ann.token}`, origin: "https://evil.example" }),
        "403"
      )
      assert.strictEqual(yield* status("", { cookie: `dchat_dev_session=${ann.token}`, origin: url }), "in")
      assert.strictEqual(yield* status("", { authorization: `Bearer ${ann.token}` }), "in")
      const { json } = yield* ann.post("/api/realtime/ticket")
      assert.strictEqual(yield* status(`?ticket=${json.ticket}`), "in")
      assert.strictEqual(yield* status(`?ticket=${json.ticket}`), "401")
    }))

  it.effect("closes at once when the session ends", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const { client } = yield* online(ann, "a")
      yield* ann.post("/auth/logout")
      assert.strictEqual(yield* promise(() => client.closed), CloseCode.sessionRevoked)
      assert.isTrue(client.frames.some(({ type }) => type === "session.revoked"))
    }))

  it.effect("takes a user out of the call when the session of the connection ends", () =>
    Effect.gen(function*() {
      const { annSays, bob, bobSays } = yield* talking
      yield* bob.post("/auth/logout")
      assert.strictEqual(yield* promise(() => bobSays.closed), CloseCode.sessionRevoked)
      const lost = yield* promise(() => annSays.event("Reconnecting"))
      assert.deepInclude(lost["event"] as object, { userId: bob.id })
    }))

  it.effect("gives a disconnected user no more time for working media once the session has ended", () =>
    Effect.gen(function*() {
      const { annSays, bob, bobSays, callId } = yield* talking
      yield* promise(() => annSays.request({ type: "call.offer", callId, sdp }))
      yield* promise(() => bobSays.request({ type: "call.answer", callId, sdp }))
      yield* promise(() => annSays.request({ type: "call.link", callId, state: "up" }))
      bobSays.terminate()
      yield* promise(() => annSays.event("Reconnecting"))
      yield* bob.post("/auth/logout")
      const told = () => annSays.events().filter(([type]) => type === "Reconnecting")
      yield* promise(() => annSays.find(() => told().length === 2))
    }))

  it.effect("keeps a user in the call for as long as one of two connections of the device is open", () =>
    Effect.gen(function*() {
      const { annSays, bob, bobSays, callId } = yield* talking
      const { client: second } = yield* online(bob, "b", { [callId]: bobSays.events().at(-1)?.[1] ?? 0 })
      second.close()
      yield* promise(() => second.closed)
      yield* promise(() => bobSays.request({ type: "call.media", callId, audio: true }))
      yield* promise(() => annSays.event("MediaChanged"))
      assert.notInclude(annSays.events().map(([type]) => type), "Reconnecting")
      bobSays.terminate()
      yield* promise(() => annSays.event("Reconnecting"))
    }))

  it.effect("holds the place of a user who placed or rejoined the call by REST beside the connection", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob, cat] = [yield* signIn(), yield* signIn(), yield* signIn()]
      const [annSays, bobSays] = [(yield* online(ann, "a")).client, (yield* online(bob, "b")).client]
      const body = { type: "audio", participants: [bob.id, cat.id] }
      const { json: { id: callId } } = yield* ann.post("/api/webrtc/call/initiate", body)
      yield* promise(() => annSays.event("CallInitiated"))
      yield* promise(() => bobSays.event("Invited"))
      yield* promise(() => bobSays.request({ type: "call.accept", callId }))
      yield* promise(() => bobSays.request({ type: "call.leave", callId }))
      assert.strictEqual((yield* bob.post(`/api/webrtc/call/${callId}/join`, {})).status, 200)
      yield* promise(() => bobSays.request({ type: "call.media", callId, audio: true }))
      annSays.terminate()
      yield* promise(() => bobSays.event("Reconnecting"))
      const { client: watching } = yield* online(ann, "a")
      yield* promise(() => watching.find(({ type }) => type === "call.snapshot"))
      bobSays.terminate()
      const lost = yield* promise(() =>
        watching.find((frame) =>
          frame.type === "call.event" &&
          (frame["event"] as { type: string; userId?: string }).type === "Reconnecting" &&
          (frame["event"] as { userId?: string }).userId === bob.id
        )
      )
      assert.isDefined(lost)
    }))

  it.effect("shows a user as online while connected, and no longer", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const isOnline = Effect.map(ann.get(`/api/users/${bob.id}`), ({ json }) => json.online as boolean)
      const { client } = yield* online(bob, "b")
      assert.isTrue(yield* isOnline)
      client.close()
      yield* promise(() => client.closed)
      yield* Effect.repeat(isOnline, { while: (online) => online })
      assert.isFalse(yield* isOnline)
    }))

  it.effect("drops a client that does not read, which has lost nothing afterwards", () =>
    Effect.gen(function*() {
      const { ann, annSays, bob, bobSays, callId } = yield* talking
      bobSays.pause()
      const large = sdp + "a=x-padding\r\n".repeat(4500)
      const rounds = Math.ceil(8 * maxBacklogBytes / large.length)
      for (let round = 0; round < rounds; round++) {
        yield* promise(() => annSays.request({ type: "call.media", callId, audio: round % 2 === 0 }))
      }
      bobSays.resume()
      const { client: again } = yield* online(bob, "b", { [callId]: 0 })
      yield* promise(() => again.find((frame) => frame["seq"] === 4))
      assert.isString(ann.id)
    }))
})
