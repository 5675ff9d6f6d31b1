/**
 * The process that makes load. It gets jobs from the benchmark by messages and answers each.
 */
import { closedLoop, offeredLoad } from "./callLoads.ts"
import { dchatPhone } from "./DchatPhone.ts"
import type { Jobs, Target } from "./Job.ts"
import type { Phone } from "./Phone.ts"
import { relayPhone } from "./RelayPhone.ts"
import { relays } from "./relays.ts"
import type { Pair } from "./TwoPartyCall.ts"

/** Connections that open at once. */
const opening = 8

let target: Target | undefined
const pairs: Array<Pair> = []

const openPhone = ({ kind, origin }: Target): Promise<Phone> => {
  const relay = relays.get(kind)
  return relay === undefined ? dchatPhone(origin) : relayPhone(relay, origin)
}

const connect = async ({ pairs: count, target: given }: Jobs["connect"]["asked"]): Promise<null> => {
  target = given
  let left = count - pairs.length
  const open = async () => {
    while (left > 0) {
      left -= 1
      const [caller, callee] = await Promise.all([openPhone(given), openPhone(given)])
      pairs.push({ caller, callee })
    }
  }
  await Promise.all(Array.from({ length: opening / 2 }, open))
  return null
}

const servers = () => target?.servers ?? []

const jobs: { readonly [Name in keyof Jobs]: (asked: Jobs[Name]["asked"]) => Promise<Jobs[Name]["answer"]> } = {
  connect,
  closedLoop: (asked) => closedLoop(pairs, asked, servers()),
  offeredLoad: (asked) => offeredLoad(pairs, asked, servers())
}

process.on("message", async ({ asked, name }: { readonly name: keyof Jobs; readonly asked: never }) => {
  process.send?.(await jobs[name](asked))
})
// The benchmark has ended.
process.on("disconnect", () => process.exit())
