import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import { type Call } from "../src/dchat-client.ts"
import { DchatProblem } from "../src/dchat-http.ts"
import { LocalMedia } from "../src/local-media.ts"
import { PeerLink } from "../src/peer-link.ts"

/** As much of a connection as a link touches before anything is offered. */
class FakeConnection extends EventTarget {
  connectionState: RTCPeerConnectionState = "new"
  readonly signalingState = "stable"
  restarts = 0

  turn(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.dispatchEvent(new Event("connectionstatechange"))
  }
  restartIce(): void {
    this.restarts += 1
  }
  setConfiguration(): void {}
  close(): void {}
}

/** A link of this window that only answers, with what the server was told of it. */
const linked = (
  { iceServers = async () => [], send = async () => {} }: {
    iceServers?: () => Promise<ReadonlyArray<RTCIceServer>>
    send?: (state: string) => Promise<void>
  } = {}
) => {
  const connection = new FakeConnection()
  vi.stubGlobal("RTCPeerConnection", function() {
    return connection
  })
  const told: Array<string> = []
  const link = new PeerLink({ peer: "bob", offerer: false, negotiation: 0, iceServers: [] }, {
    media: new LocalMedia(),
    send: async (_type, fields) => {
      const { state } = fields as { state: string }
      await send(state)
      told.push(state)
      return {} as Call
    },
    iceServers,
    negotiation: async () => 0,
    onChange() {}
  })
  return { connection, link, told }
}

describe("PeerLink", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it("reports that the link is up after every recovery, and starts no further repair", async () => {
    const { connection, link, told } = linked()
    connection.turn("connected")
    await vi.advanceTimersByTimeAsync(0)
    for (const _ of [1, 2]) {
      connection.turn("disconnected")
      await vi.advanceTimersByTimeAsync(1500)
      assert.strictEqual(link.transport, "down")
      connection.turn("failed")
      await vi.advanceTimersByTimeAsync(4000)
      connection.turn("connecting")
      connection.turn("connected")
      await vi.advanceTimersByTimeAsync(60_000)
      assert.strictEqual(link.transport, "up")
    }
    assert.deepStrictEqual(told.filter((state, index) => state !== told[index - 1]), ["up", "down", "up", "down", "up"])
    assert.strictEqual(connection.restarts, 2)
  })

  it("reports that the link is up when only the other side noticed the break", async () => {
    const { connection, told } = linked()
    connection.turn("connected")
    await vi.advanceTimersByTimeAsync(0)
    const before = told.length
    connection.turn("connecting")
    connection.turn("connected")
    await vi.advanceTimersByTimeAsync(0)
    assert.strictEqual(told.at(-1), "up")
    assert.isAbove(told.length, before)
  })

  it("runs one repair at a time while the network is down, and continues until the network is back", async () => {
    const hanging: Array<(servers: ReadonlyArray<RTCIceServer>) => void> = []
    const { connection, link } = linked({ iceServers: () => new Promise((done) => hanging.push(done)) })
    connection.turn("connected")
    connection.turn("disconnected")
    await vi.advanceTimersByTimeAsync(6000)
    connection.turn("failed")
    connection.turn("connecting")
    connection.turn("failed")
    await vi.advanceTimersByTimeAsync(20_000)
    assert.lengthOf(hanging, 2)
    assert.strictEqual(connection.restarts, 2)
    connection.turn("connected")
    for (const done of hanging) done([])
    await vi.advanceTimersByTimeAsync(60_000)
    assert.strictEqual(connection.restarts, 2)
    assert.strictEqual(link.transport, "up")
  })

  it("drops a restart whose ICE servers arrive after the connection has recovered", async () => {
    const { connection } = linked({ iceServers: () => new Promise((done) => setTimeout(() => done([]), 2000)) })
    connection.turn("failed")
    await vi.advanceTimersByTimeAsync(5000)
    connection.turn("connected")
    connection.turn("disconnected")
    await vi.advanceTimersByTimeAsync(1400)
    assert.strictEqual(connection.restarts, 0)
  })

  it("reports the newest state until the server accepts it, in order, and stops when the call has ended", async () => {
    let refusal: string | undefined = "timeout"
    const { connection, told } = linked({
      send: async () => {
        if (refusal !== undefined) throw new DchatProblem({ code: refusal, title: "no" })
      }
    })
    connection.turn("connected")
    connection.turn("failed")
    await vi.advanceTimersByTimeAsync(3500)
    connection.turn("connected")
    await vi.advanceTimersByTimeAsync(100)
    assert.deepStrictEqual(told, [])
    refusal = undefined
    await vi.advanceTimersByTimeAsync(3000)
    assert.deepStrictEqual(told, ["up"])
    refusal = "call_over"
    connection.turn("failed")
    await vi.advanceTimersByTimeAsync(60_000)
    refusal = undefined
    await vi.advanceTimersByTimeAsync(60_000)
    assert.deepStrictEqual(told, ["up"])
  })
})
