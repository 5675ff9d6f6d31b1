// The same call as a machine of xstate 5, by its pure transitions: phases are states, users and links are context, guards
// say who may do what, and each step leaves a numbered event with its audience.
import { assign, getInitialSnapshot, getNextSnapshot, setup } from "xstate"

const linkOf = (one, other) => one < other ? `${one} ${other}` : `${other} ${one}`
const linkIn = ({ links }, { by, to }) => links[linkOf(by, to)] ?? { phase: "new", negotiation: 0, digests: [] }
const withUser = ({ users }, user, state) => ({ users: { ...users, [user]: { last: users[user]?.last ?? 0, state } } })
const isActive = ({ users }, user) => users[user]?.state === "active"
const withLink = ({ links }, { by, to }, link) => ({ links: { ...links, [linkOf(by, to)]: link } })

const machine = setup({
  guards: {
    isActive: ({ context, event }) => isActive(context, event.by),
    isAsked: ({ context, event }) => ["pending", "ringing"].includes(context.users[event.by]?.state),
    areActive: ({ context, event }) => isActive(context, event.by) && isActive(context, event.to),
    isOffered: ({ context, event }) => linkIn(context, event).phase === "offered"
  },
  actions: {
    record: assign(({ context, event }) => {
      const seq = context.seq + 1
      const users = { ...context.users }
      const audience = {}
      for (const user of event.to === undefined ? Object.keys(users) : [event.by, event.to]) {
        audience[user] = users[user].last
        users[user] = { ...users[user], last: seq }
      }
      return { seq, users, record: { seq, at: Date.now(), event, audience } }
    }),
    ring: assign(({ context, event }) =>
      event.callees.reduce((all, user) => withUser(all, user, "pending"), withUser(context, event.by, "active"))
    ),
    alert: assign(({ context, event }) => withUser(context, event.by, "ringing")),
    accept: assign(({ context, event }) => withUser(context, event.by, "active")),
    offer: assign(({ context, event }) => {
      const { negotiation } = linkIn(context, event)
      return withLink(context, event, { phase: "offered", negotiation: negotiation + 1, digests: [event.digest] })
    }),
    answer: assign(({ context, event }) => {
      const link = linkIn(context, event)
      return withLink(context, event, { ...link, phase: "answered", digests: [...link.digests, event.digest] })
    }),
    candidate: assign(({ context, event }) => {
      const link = linkIn(context, event)
      return withLink(context, event, { ...link, digests: [...link.digests, event.digest] })
    })
  }
}).createMachine({
  initial: "idle",
  context: { seq: 0, users: {}, links: {} },
  states: {
    idle: { on: { ring: { target: "ringing", actions: ["ring", "record"] } } },
    ringing: {
      on: {
        alert: { guard: "isAsked", actions: ["alert", "record"] },
        accept: { guard: "isAsked", target: "connected", actions: ["accept", "record"] },
        end: { guard: "isActive", target: "ended", actions: "record" }
      }
    },
    connected: {
      on: {
        alert: { guard: "isAsked", actions: ["alert", "record"] },
        accept: { guard: "isAsked", actions: ["accept", "record"] },
        offer: { guard: "areActive", actions: ["offer", "record"] },
        answer: { guard: "isOffered", actions: ["answer", "record"] },
        candidate: { guard: "areActive", actions: ["candidate", "record"] },
        end: { guard: "isActive", target: "ended", actions: "record" }
      }
    },
    ended: { type: "final" }
  }
})

/** A function that runs the whole call; it returns the number of steps. */
export const xstateCall = (steps) => () => {
  let snapshot = getInitialSnapshot(machine)
  for (const step of steps) snapshot = getNextSnapshot(machine, snapshot, step)
  if (snapshot.value !== "ended") throw new Error("the call has not ended")
  return snapshot.context.seq
}
