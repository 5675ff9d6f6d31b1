/**
 * Checks the invariants of calls on every short call, and prints the numbers of states:
 * `node --conditions=@dchat/source packages/domain/test/call/run-exhaustive.ts [two] [three] [full]`, each the number of
 * commands of the longest calls.
 */
import { CallEvent } from "@dchat/domain/call"
import { explore, Violation } from "./support/exhaustive/explore.ts"
import { ofThree, ofTwo, ofTwoInFull, type Space } from "./support/exhaustive/moves.ts"

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)

const missed = new Set(Object.keys(CallEvent.cases))

const run = (title: string, space: Space, depth: number): void => {
  const began = performance.now()
  const census = explore(space, depth)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(
    `${title} of up to ${depth} commands: ${sum(census.states)} states, of which ${census.over} are over; ` +
      `${census.commands} commands tried in ${seconds} s`
  )
  for (const event of census.events.keys()) missed.delete(event)
  console.log(`  new states by number of commands: ${census.states.join(", ")}`)
  for (const name of ["events", "refusals", "reasons"] as const) {
    console.log(`  ${name}: ${[...census[name].keys()].toSorted().join(", ")}`)
  }
}

const [two = 12, three = 6, full = 6] = process.argv.slice(2).map(Number)

try {
  run("One-to-one calls", ofTwo, two)
  run("Calls of three", ofThree, three)
  run("One-to-one calls with every command except Invite", ofTwoInFull, full)
} catch (error) {
  if (!(error instanceof Violation)) throw error
  console.error(error.message)
  process.exit(1)
}
if (missed.size > 0) {
  console.error(`Never reached: ${[...missed].join(", ")}`)
  process.exit(1)
}
