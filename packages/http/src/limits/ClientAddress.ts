/**
 * The address of the client behind the current request, as far as the proxies in between are trusted.
 */
import { Array, type Config, Effect, Option, Result, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { HttpServerRequest } from "effect/http"
import { IpNetwork, NetAddress } from "effect/net"
import { isIPv4 } from "node:net"
import { HostSettings } from "../config/HostSettings.ts"
import { list } from "../config/ListConfig.ts"

/** An address is the block that holds nothing else. */
const networkOf = (text: string): Result.Result<IpNetwork.IpNetwork, NetAddress.NetAddressError> =>
  text.includes("/")
    ? IpNetwork.fromString(text)
    : Result.flatMap(NetAddress.ipFromString(text), (address) => {
      const canonical = NetAddress.toCanonical(address)
      return IpNetwork.make(canonical, NetAddress.width(canonical))
    })

const Proxy = Schema.String.pipe(
  Schema.decodeTo(
    Schema.declare(IpNetwork.isIpNetwork, { identifier: "IpNetwork" }),
    SchemaTransformation.transformEffect({
      decode: (text) =>
        Effect.mapError(
          Effect.fromResult(networkOf(text)),
          () => new SchemaIssue.InvalidValue({ message: "expected IP addresses or CIDR blocks, as in 10.0.0.0/8" })
        ),
      encode: (network) => Effect.succeed(IpNetwork.format(network))
    })
  )
)

/** `DCHAT_TRUSTED_PROXIES`: addresses and CIDR blocks of the proxies whose X-Forwarded-For counts. None unless given. */
export const trustedProxies: Config.Config<ReadonlyArray<IpNetwork.IpNetwork>> = list("DCHAT_TRUSTED_PROXIES", Proxy)

/** Bare, in brackets, with a port, or with the zone of a link-local address; IPv4 where it is mapped into IPv6. */
const addressIn = (entry: string): Option.Option<NetAddress.IpAddress> => {
  const text = entry.trim().replace(/%[^\]]*/, "")
  const bare = NetAddress.ipFromString(/^\[.*\]$/.test(text) ? text.slice(1, -1) : text)
  const address = Result.orElse(
    bare,
    () => Result.map(NetAddress.inetAddressFromString(text), (socket) => socket.address)
  )
  return Option.map(Result.getSuccess(address), (ip) => NetAddress.toCanonical(ip))
}

/** Whether what this address says of where a request comes from is believed. */
export const isTrusted = (address: string, trusted: ReadonlyArray<IpNetwork.IpNetwork>): boolean =>
  Option.exists(addressIn(address), (ip) => trusted.some(IpNetwork.contains(ip)))

/**
 * The address of the client. Each proxy appends its own peer to X-Forwarded-For, so only entries that trusted proxies
 * appended count: the client is the first entry from the right that is no trusted proxy. Any client may have written
 * the entries left of it. An entry that is no address ends the search. Other X-Forwarded headers are not read.
 */
export const clientAddressOf = (
  peer: string,
  forwardedFor: string | undefined,
  trusted: ReadonlyArray<IpNetwork.IpNetwork>
): string => {
  if (trusted.length === 0 && isIPv4(peer)) return peer
  const isProxy = (address: NetAddress.IpAddress) => trusted.some(IpNetwork.contains(address))
  const found = addressIn(peer)
  if (Option.isNone(found)) return peer
  let client = found.value
  for (const entry of Array.reverse(forwardedFor?.split(",") ?? [])) {
    if (!isProxy(client)) break
    const before = addressIn(entry)
    if (Option.isNone(before)) break
    client = before.value
  }
  return NetAddress.formatIp(client)
}

/** The address of the client; undefined for a connection that is already closed. */
export const clientAddress: Effect.Effect<
  string | undefined,
  never,
  HttpServerRequest.HttpServerRequest | HostSettings
> = Effect.gen(function*() {
  const { headers, peerAddress } = yield* HttpServerRequest.HttpServerRequest
  const { trustedProxies } = yield* HostSettings
  return Option.getOrUndefined(
    Option.map(peerAddress, (peer) => clientAddressOf(peer, headers["x-forwarded-for"], trustedProxies))
  )
})

/** The key of all requests whose address is not known: they share one limit, so that none of them goes without. */
const unknownAddress = "unknown"

/** Customers get an IPv6 network of this size at least, and may use any address in it (RFC 6177). */
const customerPrefix = 64

/** The key by which a client is limited: its IPv4 address, or the /64 of its IPv6 address. */
export const limitKeyOf = (address: string): string => {
  if (!address.includes(":")) return address
  const parsed = Result.flatMap(
    NetAddress.ipv6FromString(address),
    (ipv6) => IpNetwork.fromAddress(ipv6, customerPrefix)
  )
  return Result.match(parsed, { onFailure: () => address, onSuccess: IpNetwork.format })
}

/** The key by which the client of the current request is limited. */
export const clientLimitKey = Effect.map(
  clientAddress,
  (address) => address === undefined ? unknownAddress : limitKeyOf(address)
)
