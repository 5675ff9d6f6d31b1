/**
 * The commands of whole calls, as the three machines of M1 get them.
 */

export type Step =
  | { readonly type: "ring"; readonly by: string; readonly callees: ReadonlyArray<string> }
  | { readonly type: "alert" | "accept" | "end"; readonly by: string }
  | {
    readonly type: "offer" | "answer" | "candidate"
    readonly by: string
    readonly to: string
    readonly digest: string
  }

let digests = 0
/** As long as the digests of dchat, and never the same. */
const digest = () => {
  digests += 1
  return `${digests}`.padStart(22, "a")
}

const user = (index: number) => `01984ab2-0000-7000-8000-${`${index}`.padStart(12, "0")}`

const describe = (type: "offer" | "answer", by: string, to: string, candidates: number): ReadonlyArray<Step> => [
  { type, by, to, digest: digest() },
  ...Array.from({ length: candidates }, (): Step => ({ type: "candidate", by, to, digest: digest() }))
]

/** A call of this many users in which each has a connection to each, with so many candidates of each side. */
export const callOf = (size: number, candidates: number): ReadonlyArray<Step> => {
  const [initiator = "", ...callees] = Array.from({ length: size }, (_, index) => user(index))
  const steps: Array<Step> = [{ type: "ring", by: initiator, callees }]
  const members = [initiator]
  for (const callee of callees) {
    steps.push({ type: "alert", by: callee }, { type: "accept", by: callee })
    for (const member of members) {
      // In a direct call the caller offers, in a group the user who comes.
      const [offerer, answerer] = size === 2 ? [member, callee] : [callee, member]
      steps.push(
        ...describe("offer", offerer, answerer, candidates),
        ...describe("answer", answerer, offerer, candidates)
      )
    }
    members.push(callee)
  }
  return [...steps, { type: "end", by: initiator }]
}
