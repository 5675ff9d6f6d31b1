/**
 * Checks the form of every request, at any endpoint.
 */
import type { IncomingMessage } from "node:http"
import type { ProblemError } from "../api/Problems.ts"
import {
  BadRequest,
  ExpectationFailed,
  HeadersTooLarge,
  PayloadTooLarge,
  RequestTimedOut,
  UriTooLong
} from "../api/RequestErrors.ts"

/** Characters of a request target (path and query); no pattern is run over a longer one. */
export const maxTargetLength = 4096

/** Bytes of request line and headers that Node reads. */
export const maxHeaderBytes = 16_384

/** The events by which Node hands over a request. */
export type RequestEvent = "request" | "checkContinue" | "checkExpectation"

/** The error of a request that Node could not read. */
export interface ClientError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

export const pathOf = ({ url = "" }: IncomingMessage) => url.split("?", 1)[0] ?? ""

export const hasBody = ({ headers }: IncomingMessage) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

/** Subprotocols are tokens, each named once (RFC 6455, 4.1). */
const namesSubprotocols = (list: string) => {
  const names = list.split(",").map((name) => name.trim())
  return new Set(names).size === names.length && names.every((name) => /^[!#$%&'*+\-.^`|~\w]+$/.test(name))
}

/** The requirements of a WebSocket handshake (RFC 6455, 4.2.1). `ws` refuses a handshake for no other reason. */
export const isHandshake = ({ headers, httpVersion, method }: IncomingMessage) =>
  method === "GET" && httpVersion === "1.1" && headers.upgrade?.toLowerCase() === "websocket" &&
  headers["sec-websocket-version"] === "13" && /^[+/\w]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
  (headers["sec-websocket-protocol"] === undefined || namesSubprotocols(headers["sec-websocket-protocol"]))

const hostsIn = ({ rawHeaders }: IncomingMessage) =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host").length

export const errorInRequest = (event: RequestEvent, request: IncomingMessage): ProblemError | undefined => {
  const { headers, httpVersionMinor, url = "" } = request
  if (url.length > maxTargetLength) return new UriTooLong()
  if (hostsIn(request) > 1 || (headers.host === undefined && httpVersionMinor > 0)) return new BadRequest()
  return event === "checkExpectation" ? new ExpectationFailed() : undefined
}

const isEndlessLine = (packet: Buffer) => {
  const start = packet.subarray(0, maxHeaderBytes).toString("latin1")
  return /^[A-Z]+ /.test(start) && !start.includes("\r\n")
}

/** Node says how a request broke by a code. */
export const errorOfClient = ({ code, rawPacket }: ClientError): ProblemError => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return rawPacket !== undefined && isEndlessLine(rawPacket) ? new UriTooLong() : new HeadersTooLarge()
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new PayloadTooLarge()
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new RequestTimedOut()
    default:
      return new BadRequest()
  }
}
