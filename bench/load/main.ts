/**
 * The process that makes load. It gets jobs from the benchmark by messages and answers each.
 */
import { closedLoop, offeredLoad } from "./calls/callLoads.ts"
import { interrupt } from "./calls/dropping.ts"
import { meshCall } from "./calls/MeshCall.ts"
import type { Party } from "./calls/Party.ts"
import { HeldCalls, relay } from "./calls/relaying.ts"
import { twoPartyCall } from "./calls/TwoPartyCall.ts"
import type { Connect, Jobs, Target } from "./Job.ts"
import { dchatPhone } from "./phones/DchatPhone.ts"
import { herd } from "./phones/herd.ts"
import type { Phone } from "./phones/Phone.ts"
import { relayPhone } from "./phones/RelayPhone.ts"
import { relays } from "./phones/relays.ts"
import { askAll } from "./requests.ts"

/** Parties that connect at once. */
const connecting = 4

let servers: ReadonlyArray<number> = []
const parties: Array<Party> = []
/** Clients that say nothing more. */
const idle: Array<Phone> = []
let held = new HeldCalls([])

const openPhone = ({ kind, origins }: Target): Promise<Phone> => {
  const relay = relays.get(kind)
  return relay === undefined ? dchatPhone(origins) : relayPhone(relay, origins[0] ?? "")
}

const partyOf = (phones: ReadonlyArray<Phone>): Party => {
  const [one, other, ...more] = phones
  return one !== undefined && other !== undefined && more.length === 0 ? twoPartyCall(one, other) : meshCall(phones)
}

const connect = async ({ parties: count, size, target }: Connect): Promise<null> => {
  servers = target.servers
  let left = count - parties.length
  const open = async () => {
    while (left > 0) {
      left -= 1
      parties.push(partyOf(await Promise.all(Array.from({ length: size }, () => openPhone(target)))))
    }
  }
  await Promise.all(Array.from({ length: connecting }, open))
  return null
}

const connectIdle = async ({ count, target }: Jobs["connectIdle"]["asked"]): Promise<null> => {
  let left = count
  const open = async () => {
    while (left > 0) {
      left -= 1
      idle.push(await openPhone(target))
    }
  }
  await Promise.all(Array.from({ length: 2 * connecting }, open))
  return null
}

const hold = async ({ calls }: Jobs["hold"]["asked"]): Promise<null> => {
  held = new HeldCalls(parties.splice(0, calls))
  await held.begin()
  return null
}

interface Asked {
  readonly id: number
  readonly name: keyof Jobs
  readonly asked: never
}

const jobs: { readonly [Name in keyof Jobs]: (asked: Jobs[Name]["asked"]) => Promise<Jobs[Name]["answer"]> } = {
  connect,
  closedLoop: (asked) => closedLoop(parties, asked, servers),
  connectIdle,
  herd: ({ times }) => herd(idle, times),
  requests: askAll,
  hold,
  relay: (asked) => relay(held, asked, servers),
  interrupt: (asked) => interrupt(held, asked),
  offeredLoad: (asked) => offeredLoad(parties, asked, servers)
}

process.on("message", async ({ asked, id, name }: Asked) => {
  process.send?.({ id, answer: await jobs[name](asked) })
})
// The benchmark has ended.
process.on("disconnect", () => process.exit())
