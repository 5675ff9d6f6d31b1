import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit } from "effect"
import { IpNetwork } from "effect/net"
import { startFailureOf } from "../../src/host/StartFailure.ts"
import { clientAddressOf, limitKeyOf, trustedProxies } from "../../src/limits/ClientAddress.ts"

/** The value of the variable, read like the host reads it. */
const read = (DCHAT_TRUSTED_PROXIES?: string) =>
  Effect.provide(
    trustedProxies,
    ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...(DCHAT_TRUSTED_PROXIES && { DCHAT_TRUSTED_PROXIES }) } }))
  )

const trusted = ["10.0.0.0/8", "192.0.2.7/32", "2001:db8:ffff::/48"].map(IpNetwork.fromStringUnsafe)

const client = "198.51.100.1"

describe("The address of a client", () => {
  it.each<readonly [what: string, peer: string, forwardedFor: string | undefined, expected: string]>([
    ["is the peer's where nothing was forwarded", "203.0.113.5", undefined, "203.0.113.5"],
    ["is the proxy's own when it forwards for nobody", "10.0.0.1", undefined, "10.0.0.1"],
    ["is the peer's, whatever it says, where that is no trusted proxy", "203.0.113.5", client, "203.0.113.5"],
    ["is what a trusted proxy has appended", "10.0.0.1", client, client],
    ["is not what stood there before", "10.0.0.1", `203.0.113.9, ${client}`, client],
    ["is not what stood there before, even a trusted address", "10.0.0.1", `10.9.9.9, ${client}`, client],
    ["is found behind several trusted proxies", "10.0.0.1", `1.1.1.1, ${client}, 192.0.2.7,10.2.3.4`, client],
    ["is found behind proxies of both families", "2001:db8:ffff::1", `${client}, 10.0.0.1`, client],
    ["is the first one's where all are trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["is that of the last proxy that can be believed where an entry is no address", "10.0.0.1", "unknown", "10.0.0.1"],
    ["is not looked for beyond an entry that is no address", "10.0.0.1", `${client}, x, 10.0.0.2`, "10.0.0.2"],
    ["is not looked for beyond an empty entry", "10.0.0.1", `${client},, 10.0.0.2`, "10.0.0.2"],
    ["is not looked for in an empty header", "10.0.0.1", "", "10.0.0.1"],
    ["is told without its port", "10.0.0.1", `${client}:49152`, client],
    ["is told without brackets", "10.0.0.1", "[2001:db8::5]", "2001:db8::5"],
    ["is told without brackets and port", "10.0.0.1", "[2001:db8::5]:49152", "2001:db8::5"],
    ["is told without the zone of a link", "fe80::1%eth0", undefined, "fe80::1"],
    ["is told the same way however it is written", "10.0.0.1", "2001:0DB8:0:0::0005", "2001:db8::5"],
    ["is IPv4 where that is mapped into IPv6", "::ffff:203.0.113.5", undefined, "203.0.113.5"],
    ["is believed from a proxy whose IPv4 address is mapped into IPv6", "::ffff:10.0.0.1", client, client],
    ["is IPv4 where a proxy has mapped it into IPv6", "10.0.0.1", `::ffff:${client}`, client],
    ["is no number that only some read as an address", "10.0.0.1", "0x7f.1", "10.0.0.1"]
  ])("%s", (_, peer, forwardedFor, expected) => {
    assert.strictEqual(clientAddressOf(peer, forwardedFor, trusted), expected)
  })

  it("is that of the peer if no proxy is trusted", () => {
    assert.strictEqual(clientAddressOf("127.0.0.1", client, []), "127.0.0.1")
  })
})

describe("Clients", () => {
  it("are distinguished by their IPv4 address", () => {
    assert.strictEqual(limitKeyOf(client), client)
    assert.notStrictEqual(limitKeyOf(client), limitKeyOf("198.51.100.2"))
  })

  it("are distinguished by the /64 of their IPv6 address, in which they may have any address", () => {
    assert.strictEqual(limitKeyOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64")
    assert.strictEqual(limitKeyOf("2001:db8:1:2::"), limitKeyOf("2001:db8:1:2:ffff:ffff:ffff:ffff"))
    assert.notStrictEqual(limitKeyOf("2001:db8:1:2::1"), limitKeyOf("2001:db8:1:3::1"))
  })
})

describe("DCHAT_TRUSTED_PROXIES", () => {
  it.effect("trusts no proxy by default", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(), [])
    }))

  it.effect("accepts addresses and blocks of both families", () =>
    Effect.gen(function*() {
      const networks = yield* read("192.0.2.7, 10.0.0.0/8 ,::1,2001:db8::/32, ::ffff:192.0.2.8")
      assert.deepStrictEqual(networks.map(IpNetwork.format), [
        "192.0.2.7/32",
        "10.0.0.0/8",
        "::1/128",
        "2001:db8::/32",
        "192.0.2.8/32"
      ])
    }))

  it.effect("refuses any other text under its own name", () =>
    Effect.gen(function*() {
      for (const wrong of ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "*", "10.0.0.1:80"]) {
        const exit = yield* Effect.exit(read(wrong))
        assert.isTrue(Exit.isFailure(exit), wrong)
        if (Exit.isFailure(exit)) assert.match(startFailureOf(exit.cause), /^DCHAT_TRUSTED_PROXIES .*CIDR/, wrong)
      }
    }))
})
