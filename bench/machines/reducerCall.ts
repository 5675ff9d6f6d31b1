/**
 * The same call by a plain reducer: copies what changes, numbers the events and knows their audience, but checks nothing.
 */
import type { Step } from "./scripts.ts"

interface Link {
  readonly phase: "new" | "offered" | "answered"
  readonly negotiation: number
  readonly digests: ReadonlyArray<string>
}

interface User {
  readonly state: "pending" | "ringing" | "active"
  /** The number of the last event that the user saw. */
  readonly last: number
}

interface State {
  readonly phase: "idle" | "ringing" | "connected" | "ended"
  readonly seq: number
  readonly users: Readonly<Record<string, User>>
  readonly links: Readonly<Record<string, Link>>
}

const idle: State = { phase: "idle", seq: 0, users: {}, links: {} }

const linkOf = (one: string, other: string): string => one < other ? `${one} ${other}` : `${other} ${one}`

const withUser = (state: State, user: string, now: User["state"]): State => ({
  ...state,
  users: { ...state.users, [user]: { last: state.users[user]?.last ?? 0, state: now } }
})

const change = (state: State, step: Step): State => {
  const { links } = state
  switch (step.type) {
    case "ring": {
      const caller = withUser({ ...state, phase: "ringing" }, step.by, "active")
      return step.callees.reduce((all, user) => withUser(all, user, "pending"), caller)
    }
    case "alert":
      return withUser(state, step.by, "ringing")
    case "accept":
      return withUser({ ...state, phase: "connected" }, step.by, "active")
    case "end":
      return { ...state, phase: "ended" }
    case "offer":
    case "answer":
    case "candidate": {
      const key = linkOf(step.by, step.to)
      const link = links[key] ?? { phase: "new", negotiation: 0, digests: [] }
      if (step.type === "offer") {
        const offered: Link = { phase: "offered", negotiation: link.negotiation + 1, digests: [step.digest] }
        return { ...state, links: { ...links, [key]: offered } }
      }
      const phase = step.type === "answer" ? "answered" : link.phase
      return { ...state, links: { ...links, [key]: { ...link, phase, digests: [...link.digests, step.digest] } } }
    }
  }
}

/** The numbered event with its audience, and the state that knows who saw it. */
const record = (state: State, event: Step) => {
  const seq = state.seq + 1
  const users = { ...state.users }
  const audience: Record<string, number> = {}
  for (const user of "to" in event ? [event.by, event.to] : Object.keys(users)) {
    const seen = users[user]
    if (seen === undefined) continue
    audience[user] = seen.last
    users[user] = { ...seen, last: seq }
  }
  return { state: { ...state, seq, users }, record: { seq, at: Date.now(), event, audience } }
}

/** A function that runs the whole call; it returns the number of events. */
export const reducerCall = (steps: ReadonlyArray<Step>): () => number => () => {
  let state = idle
  let last = 0
  for (const step of steps) {
    const recorded = record(change(state, step), step)
    state = recorded.state
    last = recorded.record.seq
  }
  if (state.phase !== "ended") throw new Error("the call has not ended")
  return last
}
