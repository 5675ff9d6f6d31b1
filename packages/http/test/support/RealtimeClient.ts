/**
 * A realtime client for tests: keeps every frame it gets, and waits for those it is asked about.
 */
import { WebSocket } from "ws"

export type Frame = { readonly type: string; readonly [member: string]: unknown }

const eventTimeout = 20_000

/** Does not answer close frames. */
class DeafWebSocket extends WebSocket {
  override close(): void {}
}

export class RealtimeClient {
  readonly frames: Array<Frame> = []
  /** The close code, once it is closed. */
  readonly closed: Promise<number>
  private readonly socket: WebSocket
  private readonly waiting = new Set<() => void>()
  private ids = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((done) => socket.once("close", (code) => done(code)))
    socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame)
      for (const wake of this.waiting) wake()
    })
  }

  /** Connects; fails with the HTTP status of an answer that is no upgrade. */
  static connect(url: string, headers: Record<string, string> = {}): Promise<RealtimeClient> {
    return RealtimeClient.over(WebSocket, url, headers)
  }

  /** Connects, and does not go when it is told to. */
  static connectDeaf(url: string, headers: Record<string, string> = {}): Promise<RealtimeClient> {
    return RealtimeClient.over(DeafWebSocket, url, headers)
  }

  private static over(
    Socket: typeof WebSocket,
    url: string,
    headers: Record<string, string>
  ): Promise<RealtimeClient> {
    return new Promise((done, fail) => {
      const socket = new Socket(url.replace(/^http/, "ws"), "dchat.v1", { headers })
      const client = new RealtimeClient(socket)
      socket.once("open", () => done(client))
      socket.once("unexpected-response", (_, response) => fail(new Error(`${response.statusCode}`)))
      socket.once("error", fail)
    })
  }

  send(frame: object | string | Uint8Array): void {
    this.socket.send(typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame))
  }

  /** Sends a frame and waits for its reply. */
  async request(frame: object): Promise<Frame> {
    const id = `${++this.ids}`
    this.send({ ...frame, id })
    return this.find((each) => each["id"] === id && each.type !== "call.event")
  }

  /** Says hello and waits for the welcome. */
  async hello(device: string, resume: Record<string, number> = {}): Promise<Frame> {
    this.send({ type: "hello", device, capabilities: ["reportsMedia"], resume })
    return this.find(({ type }) => type === "welcome")
  }

  /** The first frame, old or new, that is looked for. */
  async find(wanted: (frame: Frame) => boolean): Promise<Frame> {
    const deadline = Date.now() + eventTimeout
    for (;;) {
      const found = this.frames.find(wanted)
      if (found !== undefined) return found
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`not among ${JSON.stringify(this.frames)}`)
      await this.next(left)
    }
  }

  /** The first event of this type. */
  event(type: string): Promise<Frame> {
    return this.find((frame) => frame.type === "call.event" && (frame["event"] as Frame).type === type)
  }

  /** The events so far, as `type` and `seq`. */
  events(): ReadonlyArray<readonly [type: string, seq: number]> {
    return this.frames
      .filter(({ type }) => type === "call.event")
      .map((frame) => [(frame["event"] as Frame).type, frame["seq"] as number])
  }

  close(): void {
    this.socket.close()
  }

  /** Vanishes without a word, like a phone in a tunnel. */
  terminate(): void {
    this.socket.terminate()
  }

  /** Stops reading what the server sends. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  private next(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer)
        this.waiting.delete(wake)
        done()
      }
      const timer = setTimeout(wake, milliseconds)
      this.waiting.add(wake)
    })
  }
}
