/**
 * A TCP connection to a host, for what no HTTP client would send. Its side is never closed by itself.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"

export class RawConnection {
  readonly socket: Socket
  /** All that was received so far. */
  received = ""
  /** The other side is gone, or has said that nothing more comes and has let go. */
  readonly closed: Promise<void>

  private constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    this.socket.setEncoding("latin1").on("data", (text: string) => {
      this.received += text
    })
    this.socket.on("error", () => {})
    this.closed = new Promise((resolve) => {
      this.socket.once("end", resolve).once("close", resolve)
    })
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port)
    await once(connection.socket, "connect")
    return connection
  }

  send(...lines: ReadonlyArray<string>): this {
    this.socket.write([...lines, "", ""].join("\r\n"), "latin1")
    return this
  }

  /** Waits until this has been received. */
  async until(part: string | RegExp): Promise<this> {
    while (this.received.search(part) === -1) await once(this.socket, "data")
    return this
  }

  /** Status and problem code of the last answer, once the connection is over. */
  async lastAnswer(): Promise<readonly [status: number, code: string | undefined]> {
    await this.closed
    this.socket.destroy()
    const answer = this.received.slice(this.received.lastIndexOf("HTTP/1.1 "))
    return [Number(answer.slice(9, 12)), /"code":"(\w+)"/.exec(answer)?.[1]]
  }
}
