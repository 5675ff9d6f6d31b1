/**
 * A phone that speaks `dchat.v1`, as a client does after its user has signed in.
 */
import { once } from "node:events"
import type { Phone, Word } from "./Phone.ts"
import { candidate, numberOf, sdp } from "./signals.ts"
import { signIn } from "./signIn.ts"
import { openSocket } from "./Socket.ts"

/** What a phone reads of the frames of a server. */
interface Frame {
  readonly type: string
  readonly id?: string
  readonly ok?: boolean
  readonly result?: { readonly id?: string }
  readonly problem?: { readonly code: string }
  readonly callId?: string
  readonly seq?: number
  readonly after?: number
  readonly call?: { readonly state: string }
  readonly event?: {
    readonly type: string
    readonly userId?: string
    readonly initiatorId?: string
    readonly from?: string
    readonly sdp?: string
    readonly candidates?: ReadonlyArray<{ readonly candidate: string }>
  }
}

const commandOf = (word: Word, to: string, number: number) => {
  switch (word) {
    case "ring":
      return { type: "call.initiate", callType: "audio", participants: [to] }
    case "alert":
    case "accept":
      return { type: `call.${word}` }
    case "offer":
    case "answer":
      return { type: `call.${word}`, to, sdp }
    case "candidate":
      return { type: "call.candidates", to, candidates: [candidate(number)] }
    case "end":
      return { type: "call.leave" }
  }
}

const wordOf = new Map<string, Word>([["Ringing", "alert"], ["Accepted", "accept"], ["CallEnded", "end"]])

export const dchatPhone = async (origin: string): Promise<Phone> => {
  const me = await signIn(origin)
  const faults = { repeated: 0, missed: 0 }
  /** The commands without a reply, by their ids. */
  const waiting = new Map<string, Word>()
  let sent = 0
  let callId: string | undefined
  /** The `seq` of the last event of the present call. */
  let last = 0
  /** Whether the present call was given up before its id was known. */
  let isGivenUp = false
  let welcome: () => void
  const welcomed = new Promise<void>((done) => welcome = done)

  const send = (word: Word, to: string, number: number) => {
    const id = `${sent += 1}`
    waiting.set(id, word)
    const command = commandOf(word, to, number)
    socket.send(JSON.stringify(word === "ring" ? { ...command, id } : { ...command, id, callId }))
  }

  const begin = (id: string | undefined, seq: number) => {
    callId = id
    last = seq
  }

  const reply = ({ id = "", ok, problem, result }: Frame) => {
    const word = waiting.get(id)
    waiting.delete(id)
    if (word === undefined) return
    if (ok !== true) return isGivenUp ? undefined : phone.refused(problem?.code ?? "unknown")
    if (word === "ring") callId ??= result?.id
    if (word === "ring" && isGivenUp) send("end", "", 0)
    if (!isGivenUp) phone.answered(word)
  }

  const hearEvent = ({ after = 0, callId: of, event, seq = 0 }: Frame) => {
    if (event === undefined) return
    if (event.type === "CallInitiated" && event.initiatorId === me.id) begin(of, 0)
    if (of !== callId) return
    if (seq <= last) {
      faults.repeated += 1
      return
    }
    if (after > last) faults.missed += 1
    last = seq
    if (isGivenUp) return
    if (event.type === "Offer" || event.type === "Answer") {
      if (event.from !== me.id && event.sdp?.length === sdp.length) {
        phone.hear(event.type === "Offer" ? "offer" : "answer", 0)
      }
      return
    }
    if (event.type === "Candidates") {
      if (event.from !== me.id) { for (const one of event.candidates ?? []) phone.hear("candidate", numberOf(one)) }
      return
    }
    const word = wordOf.get(event.type)
    if (word !== undefined && (word === "end" || event.userId !== me.id)) phone.hear(word, 0)
  }

  const hearFrame = (text: string) => {
    const frame = JSON.parse(text) as Frame
    switch (frame.type) {
      case "welcome":
        return welcome()
      case "reply":
        return reply(frame)
      case "call.event":
        return hearEvent(frame)
      case "call.snapshot":
        if (frame.call?.state === "disconnected" || frame.callId === callId) return
        begin(frame.callId, frame.seq ?? 0)
        isGivenUp = false
        return phone.hear("ring", 0)
    }
  }

  const socket = await openSocket(`${origin.replace("http", "ws")}/api/realtime`, hearFrame, {
    protocol: "dchat.v1",
    headers: { authorization: `Bearer ${me.token}` }
  })
  const phone: Phone = {
    user: me.id,
    hear: () => undefined,
    answered: () => undefined,
    refused: () => undefined,
    say: (word, to, number = 0) => {
      if (word === "ring") {
        begin(undefined, 0)
        isGivenUp = false
      }
      send(word, to, number)
    },
    giveUp: (to) => {
      isGivenUp = true
      if (callId !== undefined) send("end", to, 0)
    },
    isIdle: () => waiting.size === 0 || socket.readyState !== socket.OPEN,
    faults: () => faults,
    close: () => socket.terminate()
  }
  socket.send(JSON.stringify({ type: "hello", device: "bench" }))
  await Promise.race([welcomed, once(socket, "close").then(() => Promise.reject(new Error("no welcome")))])
  return phone
}
