/**
 * Places a call in a Node application, in plain JavaScript: Ann calls Bob, and Bob receives the call and answers.
 */
import { openDchat } from "@dchat/adapters/node"

const dchat = await openDchat({ database: process.env.DATABASE_URL ?? "memory" })
const ann = { userId: "01900000-0000-7000-8000-00000000000a", device: "laptop" }
const bob = { userId: "01900000-0000-7000-8000-00000000000b", device: "phone" }

const steps = await dchat.events.calls(bob.userId)
const { call } = await dchat.calls.initiate(ann, { type: "audio", participants: [bob.userId] })

for await (const { call: { phase }, records } of steps) {
  for (const { event, seq } of records) console.log(seq, event._tag)
  const isAccepted = records.some(({ event }) => event._tag === "Accepted")
  if (phase === "initiated") await dchat.calls.execute(bob, call.id, { _tag: "Accept" })
  if (isAccepted) await dchat.calls.execute(ann, call.id, { _tag: "Leave" })
  if (phase === "disconnected") break
}

console.log((await dchat.entitlements.of(ann.userId)).plan.tier)
await dchat.close()
