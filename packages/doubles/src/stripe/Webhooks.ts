/**
 * Sends signed events to webhook endpoints (https://docs.stripe.com/webhooks/signature): at once or on request, in any
 * order, repeatedly, or not at all.
 */
import { createHmac } from "node:crypto"
import type { Event } from "./Documents.ts"

export interface Endpoint {
  readonly url: string
  readonly secret: string
}

export interface Manner {
  readonly order?: "fifo" | "reverse" | { readonly shuffled: number }
  /** How often each is sent. */
  readonly repeat?: number
  /** Those that are never sent. */
  readonly drop?: (event: Event, index: number) => boolean
}

export const signed = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`

export class Webhooks {
  readonly endpoints: Array<Endpoint> = []
  /** False: they wait for `deliver`. */
  immediate = true
  private waiting: Array<Event> = []
  private sending: Promise<unknown> = Promise.resolve()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  add(event: Event): void {
    this.waiting.push(event)
    if (this.immediate) void this.deliver()
  }

  get pending(): ReadonlyArray<Event> {
    return this.waiting
  }

  /** Resolves to the status of each answer, once all are answered; what was not taken waits again. */
  deliver(manner: Manner = {}): Promise<ReadonlyArray<number>> {
    const sent = this.sending.then(() => this.sendAll(manner))
    this.sending = sent.catch(() => undefined)
    return sent
  }

  /** One event, whether it was told before or not. */
  async send(event: Event): Promise<number> {
    const body = JSON.stringify(event, null, 2)
    const statuses = await Promise.all(this.endpoints.map(async ({ secret, url }) => {
      const headers = { "content-type": "application/json", "stripe-signature": signed(body, secret, this.now()) }
      try {
        const response = await fetch(url, { method: "POST", headers, body })
        await response.arrayBuffer()
        return response.status
      } catch {
        return 0
      }
    }))
    return statuses.every((status) => status >= 200 && status < 300) ? 200 : statuses[0] ?? 0
  }

  private async sendAll({ drop = () => false, order = "fifo", repeat = 1 }: Manner): Promise<ReadonlyArray<number>> {
    const events = this.waiting
    this.waiting = []
    const kept = events.filter((event, index) => !drop(event, index))
    const copies = Array.from({ length: repeat }, () => kept).flat()
    const statuses: Array<number> = []
    for (const event of ordered(copies, order)) {
      // oxlint-disable-next-line no-await-in-loop -- in this order, which is what is asked for
      const status = await this.send(event)
      statuses.push(status)
      if (status !== 200 && !this.waiting.includes(event)) this.waiting.push(event)
    }
    return statuses
  }
}

const ordered = (events: ReadonlyArray<Event>, order: NonNullable<Manner["order"]>): ReadonlyArray<Event> => {
  if (order === "fifo") return events
  if (order === "reverse") return events.toReversed()
  let state = order.shuffled
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state
  }
  return events.map((event) => ({ event, place: next() })).toSorted((one, other) => one.place - other.place)
    .map(({ event }) => event)
}
