/**
 * A phone that speaks `dchat.v1`, as a client does after its user has signed in.
 */
import { ConnectedPhone } from "./ConnectedPhone.ts"
import { commandOf, type Frame } from "./dchatFrames.ts"
import type { Phone, Word } from "./Phone.ts"
import { numberOf, sdp } from "./signals.ts"
import { signIn, type User } from "./signIn.ts"
import { openSocket } from "./Socket.ts"

interface Command {
  readonly word: Word
  readonly text: string
}

class DchatPhone extends ConnectedPhone implements Phone {
  readonly user: string
  /** The hosts of one installation. The next attempt to connect goes to the first one. */
  readonly #urls: Array<string>
  readonly #token: string
  #welcomed: () => void = () => undefined
  /** The commands without a reply, by their ids. */
  readonly #waiting = new Map<string, Command>()
  #sent = 0
  readonly #faults = { repeated: 0, missed: 0 }
  #callId: string | undefined
  /** The `seq` of the last event of the present call. */
  #last = 0
  #isGroup = false
  #isGivenUp = false

  constructor(origins: ReadonlyArray<string>, { id, token }: User) {
    super()
    this.user = id
    this.#token = token
    this.#urls = origins.map((origin) => `${origin.replace("http", "ws")}/api/realtime`)
  }

  say(word: Word, to: ReadonlyArray<string>, number = 0) {
    if (word === "ring") {
      this.#begin(undefined, 0)
      this.#isGroup = to.length > 1
    }
    this.#sent += 1
    const id = `${this.#sent}`
    const text = JSON.stringify({
      ...commandOf(word, to, number, this.#isGroup),
      id,
      ...(this.#callId !== undefined && { callId: this.#callId })
    })
    this.#waiting.set(id, { word, text })
    this.send(text)
  }

  giveUp() {
    this.#isGivenUp = true
    if (this.#callId !== undefined) this.say("end", [])
  }

  isIdle() {
    return this.#waiting.size === 0
  }

  faults() {
    return this.#faults
  }

  async comeBack() {
    const welcomed = new Promise<void>((done) => this.#welcomed = done)
    const url = this.#urls.shift() ?? ""
    this.#urls.push(url)
    const socket = await openSocket(url, (text) => this.#hearFrame(JSON.parse(text) as Frame), {
      protocol: "dchat.v1",
      headers: { authorization: `Bearer ${this.#token}` }
    })
    const resume = this.#callId === undefined ? {} : { [this.#callId]: this.#last }
    socket.send(JSON.stringify({ type: "hello", device: "bench", resume }))
    const closed = new Promise<never>((_, fail) =>
      socket.once("close", (code) => fail(new Error(`closed with ${code} before the welcome`)))
    )
    await Promise.race([welcomed, closed])
    closed.catch(() => undefined)
    this.keep(socket)
    for (const { text } of this.#waiting.values()) socket.send(text)
  }

  #begin(callId: string | undefined, seq: number) {
    this.#callId = callId
    this.#last = seq
    this.#isGivenUp = false
  }

  #hearFrame(frame: Frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcomed()
      case "reply":
        return this.#hearReply(frame)
      case "call.event":
        return this.#hearEvent(frame)
      case "call.snapshot":
        return this.#hearSnapshot(frame)
    }
  }

  #hearReply({ id = "", ok, problem, result }: Frame) {
    const word = this.#waiting.get(id)?.word
    this.#waiting.delete(id)
    if (word === undefined) return
    if (ok === true && word === "ring") {
      this.#callId ??= result?.callId ?? result?.id
      if (this.#isGivenUp) return this.say("end", [])
    }
    if (this.#isGivenUp) return
    if (ok === true) this.answered(word)
    else this.refused(problem?.code ?? "unknown")
  }

  #hearSnapshot({ call, callId, inbox = [], seq = 0 }: Frame) {
    if (callId === this.#callId) {
      this.#last = Math.max(this.#last, seq)
      if (call?.state === "disconnected") return this.hear("end", "", 0)
      for (const { candidates = [], from, type } of inbox) {
        if (type !== "candidates") this.hear(type, from, 0)
        for (const one of candidates) this.hear("candidate", from, numberOf(one))
      }
      return
    }
    if (call === undefined || call.state === "disconnected") return
    this.#begin(callId, seq)
    this.#isGroup = call.kind === "group"
    this.hear("ring", call.initiatorId, 0)
  }

  #hearEvent({ after = 0, callId, event, seq = 0 }: Frame) {
    if (event === undefined) return
    // The first event of a call of this user may come before the reply that names the call.
    if (event.type === "CallInitiated" && event.initiatorId === this.user && !this.#isGivenUp) this.#begin(callId, 0)
    if (callId !== this.#callId) return
    if (seq <= this.#last) {
      this.#faults.repeated += 1
      return
    }
    if (after > this.#last) this.#faults.missed += 1
    this.#last = seq
    // A phone without a call has nothing to give up.
    if (event.type === "CallEnded") this.#callId = undefined
    if (!this.#isGivenUp) this.#hearNews(event)
  }

  #hearNews(event: NonNullable<Frame["event"]>) {
    switch (event.type) {
      case "Ringing":
        return event.userId === this.user ? undefined : this.hear("alert", event.userId, 0)
      case "Accepted":
        for (const link of event.links) {
          const peer = event.userId === this.user ? link.with : event.userId
          if (link.offerer === this.user && (event.userId === this.user || link.with === this.user)) {
            this.hear("accept", peer, 0)
          }
        }
        return
      case "Offer":
      case "Answer":
        if (event.from === this.user || event.sdp?.length !== sdp.length) return
        return this.hear(event.type === "Offer" ? "offer" : "answer", event.from, 0)
      case "Candidates":
        if (event.from === this.user) return
        for (const one of event.candidates ?? []) this.hear("candidate", event.from, numberOf(one))
        return
      case "CallEnded":
        return this.hear("end", "", 0)
    }
  }
}

/** Signs a new user in and connects to the first host. A phone that comes back connects to the next one. */
export const dchatPhone = async (origins: ReadonlyArray<string>): Promise<Phone> => {
  const phone = new DchatPhone(origins, await signIn(origins[0] ?? ""))
  await phone.comeBack()
  return phone
}
