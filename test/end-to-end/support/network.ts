/**
 * The network of a browser, which a test can cut: everything it sends and gets stands still, as in a tunnel, and nothing
 * is told of it. Requests and sockets go through a proxy, media through a relay.
 */
import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket as Stream } from "node:net"
import { Transform } from "node:stream"
import type { BrowserContext, BrowserContextOptions } from "playwright-core"

const closed = (server: { close(done: () => void): unknown }) => new Promise<void>((done) => server.close(done))

/** Code that makes the browser send its media through the relay. */
const relayMedia = `{
  const { prototype } = RTCPeerConnection
  const { addIceCandidate, setRemoteDescription } = prototype
  const host = /^((?:a=)?candidate:\\S+ \\d+ udp \\d+) (\\d+\\.\\d+\\.\\d+\\.\\d+) (\\d+) (typ host.*)$/i
  const relayed = async (line) => {
    const [, head, address, port, tail] = host.exec(line) ?? []
    return head && head + " " + address + " " + await relayedPort(address, Number(port)) + " " + tail
  }
  prototype.addIceCandidate = async function(candidate) {
    if (!candidate?.candidate) return addIceCandidate.call(this, candidate)
    const line = await relayed(candidate.candidate)
    if (line) return addIceCandidate.call(this, { ...candidate, candidate: line })
  }
  prototype.setRemoteDescription = async function({ sdp, type }) {
    const lines = await Promise.all(sdp.split("\\r\\n").map((line) => line.startsWith("a=candidate:") ? relayed(line) : line))
    return setRemoteDescription.call(this, { type, sdp: lines.filter((line) => line !== undefined).join("\\r\\n") })
  }
}`

/** Lets packets through to each address that it is asked for, and answers back, while the network is there. */
class MediaRelay {
  isCut = false
  readonly #sockets: Array<Socket> = []
  readonly #ports = new Map<string, Promise<number>>()

  /** The port, of the same address, by which this one is reached. */
  portOf(address: string, port: number): Promise<number> {
    const key = `${address} ${port}`
    const known = this.#ports.get(key) ?? this.#open(address, port)
    this.#ports.set(key, known)
    return known
  }

  async close(): Promise<void> {
    this.isCut = true
    await Promise.all(this.#sockets.map(closed))
  }

  async #open(address: string, port: number): Promise<number> {
    const senders = new Map<number, Promise<Socket>>()
    const entrance = await this.#bind(address)
    entrance.on("message", (packet, sender) => {
      const known = senders.get(sender.port) ?? this.#bind(address).then((socket) => {
        socket.on("message", (answer) => this.#send(entrance, answer, sender.port, sender.address))
        return socket
      })
      senders.set(sender.port, known)
      void known.then((socket) => this.#send(socket, packet, port, address))
    })
    return entrance.address().port
  }

  async #bind(address: string): Promise<Socket> {
    const socket = createSocket("udp4").bind(0, address)
    this.#sockets.push(socket)
    await once(socket, "listening")
    return socket
  }

  #send(from: Socket, packet: Buffer, port: number, address: string): void {
    if (!this.isCut) from.send(packet, port, address)
  }
}

/** A SOCKS 5 proxy (RFC 1928) without authentication, through which nothing passes while it is cut. */
class Proxy {
  readonly #server = createServer((stream) => void this.#serve(stream).catch(() => stream.destroy()))
  readonly #streams = new Set<Stream>()
  #open = Promise.resolve()
  #heal = () => {}

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1")
    await once(this.#server, "listening")
    return `socks5://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  cut(): void {
    this.#open = new Promise((done) => {
      this.#heal = done
    })
  }

  heal(): void {
    this.#heal()
  }

  async close(): Promise<void> {
    this.heal()
    for (const stream of this.#streams) stream.destroy()
    await closed(this.#server)
  }

  async #serve(client: Stream): Promise<void> {
    this.#keep(client)
    await once(client, "readable")
    client.read()
    await this.#open
    client.write(Buffer.from([5, 0]))
    await once(client, "readable")
    const request = client.read() as Buffer
    const port = request.readUInt16BE(request.length - 2)
    const server = this.#keep(connect(port, "127.0.0.1"))
    await once(server, "connect")
    client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    client.pipe(this.#gate()).pipe(server).pipe(this.#gate()).pipe(client)
  }

  #keep(stream: Stream): Stream {
    this.#streams.add(stream)
    return stream.on("error", () => {}).on("close", () => this.#streams.delete(stream))
  }

  #gate(): Transform {
    return new Transform({
      transform: (chunk, _, done) => void this.#open.then(() => done(null, chunk)),
      flush: (done) => void this.#open.then(() => done())
    })
  }
}

/** The networks of two people who call each other: media needs both, requests that of the person. */
export class Networks {
  readonly #media = new MediaRelay()
  readonly #proxies: Array<Proxy> = []

  /** A window whose network is the one that is returned with it. */
  async open(newContext: (options: BrowserContextOptions) => Promise<BrowserContext>) {
    const proxy = new Proxy()
    this.#proxies.push(proxy)
    const context = await newContext({ proxy: { server: await proxy.listen() } })
    await context.exposeFunction("relayedPort", (address: string, port: number) => this.#media.portOf(address, port))
    await context.addInitScript(relayMedia)
    const cut = () => {
      this.#media.isCut = true
      proxy.cut()
    }
    const heal = () => {
      this.#media.isCut = false
      proxy.heal()
    }
    return { context, cut, heal }
  }

  async close(): Promise<void> {
    await this.#media.close()
    await Promise.all(this.#proxies.map((proxy) => proxy.close()))
  }
}
