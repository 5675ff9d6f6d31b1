/**
 * Writes docs/call-machine.md from what the call machine does: it plays random calls from a fixed seed and draws the
 * transitions it sees. `--check` says whether the page is current instead.
 */
import { type Call, type CallRecord, evolveCall, participation } from "@dchat/domain/call"
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { numbersFor, play } from "../packages/domain/test/call/support/randomCalls.ts"
import { Diagram } from "./Diagram.ts"

const page = resolve(import.meta.dirname, "../docs/call-machine.md")

// Most random commands are refused, and nobody reads the stack of a refusal here.
Error.stackTraceLimit = 0

/** More calls show no further transition. */
const calls = 3000

const phases = new Diagram()
const participations = new Diagram()
const signalling = new Diagram()
const transports = new Diagram()
const audiences = new Map<string, Set<string>>()

const audienceOf = ({ audience, event }: CallRecord): string => {
  const seen = Object.keys(audience)
  if (seen.length === 0) return "no user"
  if ("to" in event) return "the addressee"
  if ("a" in event) return "both users of the link"
  return event._tag === "DeviceBound" ? "the user" : "all active and invited users"
}

const observe = (before: Call | undefined, after: Call, record: CallRecord): void => {
  const event = record.event._tag
  phases.see(before?.phase ?? "[*]", after.phase, event)
  for (const { state, userId } of after.participants) {
    participations.see((before && participation(before, userId)?.state) ?? "[*]", state, event)
  }
  after.links.forEach((link, index) => {
    const earlier = before?.links[index]
    signalling.see(earlier?.signalling ?? "[*]", link.signalling, event)
    transports.see(earlier?.transport ?? "[*]", link.transport, event)
  })
  audiences.set(event, (audiences.get(event) ?? new Set()).add(audienceOf(record)))
}

for (let index = 0; index < calls; index++) {
  let call: Call | undefined
  for (const record of play(numbersFor(1, index)).records) {
    const after = evolveCall(call, record.event, record.at)
    if (after !== undefined) observe(call, after, record)
    call = after
  }
}

const rows = [...audiences].toSorted(([one], [other]) => one < other ? -1 : 1)
  .map(([event, seen]) => `| ${event} | ${[...seen].find((audience) => audience !== "no user") ?? "no user"} |`)

const text = `# The call machine

\`scripts/call-diagram.ts\` generates this page from ${calls} random calls. After a change of the machine, run
\`npm run diagrams\`. The rules are in \`packages/domain/src/call/rules\`.

## The call

\`connected\` means that the call was answered. The links show whether media flows.

${phases}

## A participation

The presence of one user in the call. A user who returns after \`left\` gets a new participation.

${participations}

## A link: signalling

Offers and answers between two users, in the order of the server.

${signalling}

## A link: transport

The flow of media, as reported by the two users.

${transports}

## Who sees an event

| event | audience |
| --- | --- |
${rows.join("\n")}
`

if (!process.argv.includes("--check")) writeFileSync(page, text)
else if (readFileSync(page, "utf8") !== text) {
  console.error("docs/call-machine.md is not current: run `npm run diagrams`")
  process.exitCode = 1
}
