import { assert, describe, it } from "@effect/vitest"
import { Context } from "effect"
import { readFileSync } from "node:fs"
import { Api } from "../src/api/Api.ts"
import { Authentication } from "../src/api/Authentication.ts"
import { connectionLimits, framePolicies, frameRate } from "../src/api/FrameLimits.ts"
import {
  AddressLimited,
  PersonLimited,
  RateLimit,
  ratePolicies,
  type RatePolicy,
  requestsAtOnce,
  routePolicies
} from "../src/api/RateLimited.ts"
import { clientFrames, maxResumed } from "../src/api/RealtimeFrames.ts"
import { ringQuotas } from "../src/api/RingQuotas.ts"
import { gateLimits } from "../src/limits/GateLimits.ts"

interface Operation {
  readonly id: string
  readonly name: string
  readonly policy: RatePolicy | "none"
  readonly isSafe: boolean
  readonly isCountedBy: ReadonlyArray<"address" | "person">
  readonly needsSession: boolean
}

const operations: ReadonlyArray<Operation> = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).map((endpoint) => {
    const middlewares: ReadonlySet<unknown> = endpoint.middlewares
    return {
      id: `${group.identifier}.${endpoint.identifier}`,
      name: `${endpoint.method} ${endpoint.path}`,
      policy: Context.get(endpoint.annotations, RateLimit),
      isSafe: endpoint.method === "GET" || endpoint.method === "HEAD",
      isCountedBy: [
        ...(middlewares.has(AddressLimited) ? ["address" as const] : []),
        ...(middlewares.has(PersonLimited) ? ["person" as const] : [])
      ],
      needsSession: middlewares.has(Authentication)
    }
  })
)

const frames = Object.entries<RatePolicy | undefined>(framePolicies)

/** Frames whose operation has another name over REST. */
const namesOfRest: Record<string, string> = {
  "call.cancel": "leave",
  "call.recording": "startRecording"
}

const rows = () =>
  Object.values<RatePolicy>(ratePolicies).map((policy) => {
    const { name, perMinute: { address, person } } = policy
    const rest = operations.filter((operation) => operation.policy === policy).map((operation) => operation.name)
    const routes = Object.entries<RatePolicy>(routePolicies).flatMap(([route, its]) => its === policy ? [route] : [])
    const said = frames.flatMap(([type, its]) => its === policy ? [type] : [])
    const all = [...rest, ...routes, ...said].map((one) => `\`${one}\``).join(", ")
    return `| \`${name}\` | ${person ?? "-"} | ${address} | ${all} |`
  })

/** The page without its line breaks. */
const page = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8").replaceAll(/\s+/g, " ")

describe("The limits of the contract", () => {
  it("apply to every operation, by address, and by user if there is one", () => {
    for (const { id, isCountedBy, isSafe, needsSession, policy } of operations) {
      assert.include(isCountedBy, "address", id)
      if (policy === "none") {
        assert.isTrue(isSafe && !needsSession, `${id} has no limit`)
        continue
      }
      if (!isSafe) assert.notStrictEqual(policy, ratePolicies.read, `${id} has no limit of its own`)
      if (!needsSession) continue
      assert.include(isCountedBy, "person", id)
      assert.property(policy.perMinute, "person", id)
    }
  })

  it("count a frame like the request with the same effect", () => {
    assert.sameMembers(frames.map(([type]) => type), [...clientFrames.keys()])
    for (const [type, policy] of frames) {
      if (policy === undefined) continue
      const id = `calls.${namesOfRest[type] ?? type.replace("call.", "")}`
      const operation = operations.find((one) => one.id === id)
      assert.isDefined(operation, type)
      assert.strictEqual(operation?.policy, policy, type)
    }
  })

  it("are in the documentation", () => {
    for (const row of rows()) assert.include(page, row)
    const unlimited = operations.flatMap(({ name, policy }) => policy === "none" ? [`\`${name}\``] : [])
    assert.include(page, `The limits do not count ${unlimited.slice(0, -1).join(", ")} and ${unlimited.at(-1)}.`)
    for (const { limit, name, window } of Object.values(ringQuotas)) {
      assert.include(page, `| \`${name}\` | ${limit} | ${window / 60} min |`)
    }
    const { address, host, person, session } = connectionLimits
    assert.include(page, `${session} open connections, a user ${person}, an address ${address} and a host ${host}.`)
    const { atOnce, charactersPerFrame, ofAddress, ofUser, perSecond, refusedPerMinute } = frameRate
    assert.include(page, `| of a user | ${ofUser.perSecond} | ${ofUser.atOnce} |`)
    assert.include(page, `| of an address | ${ofAddress.perSecond} | ${ofAddress.atOnce} |`)
    assert.include(page, `| of one connection | ${perSecond} | ${atOnce} |`)
    assert.include(page, `${charactersPerFrame} characters`)
    assert.include(page, `${refusedPerMinute} refusals in a minute`)
    assert.include(page, `at most ${maxResumed} calls`)
  })

  it("of the gate are in the documentation", () => {
    const {
      allUnread,
      atOnce,
      newAtOnce,
      newPerSecond,
      openPerPeer,
      patience,
      perClient,
      perSecond,
      refusedAs,
      slowest,
      unreadPerClient
    } = gateLimits
    assert.include(page, `| open TCP connections | ${openPerPeer} |`)
    assert.include(page, `| new TCP connections | ${newPerSecond} a second, ${newAtOnce} at once |`)
    assert.include(page, `| requests | ${perSecond} a second, ${atOnce} at once |`)
    assert.include(page, `| requests in progress | ${perClient} |`)
    assert.include(page, `A request that gets 429 counts as ${refusedAs}`)
    assert.include(page, `A user has at most ${requestsAtOnce} requests in progress`)
    assert.include(page, `reads nothing for ${patience / 1000} seconds`)
    assert.include(page, `at ${slowest / 1024} KiB a second`)
    assert.include(page, `more than ${allUnread / 1024 / 1024} MiB of unread data`)
    assert.include(page, `more than ${unreadPerClient / 1024 / 1024} MiB of unread answers`)
  })
})
