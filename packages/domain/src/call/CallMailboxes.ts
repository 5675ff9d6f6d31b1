/**
 * The mailboxes of calls: the commands of one call have their turns one after another, in order of arrival. Commands
 * that need no facts from outside the call wait together, and are decided together.
 */
import type { Cause } from "effect"
import type { Prepared } from "./CallFacts.ts"
import type { Call } from "./model/Call.ts"
import type { CallCommand } from "./model/CallCommand.ts"
import type { CallContended } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { CallRefusalOf } from "./rules/CallMachine.ts"

/** Maximum of the quick commands that wait on a host: far more than a host that keeps up ever has. */
const mostWaiting = { commands: 20_000, characters: 64 * 1024 * 1024 } as const

/** The end of a quick command. */
export type QuickOutcome =
  /** The command is stored, or changes nothing. `call` is the call after the command. */
  | { readonly _tag: "Taken"; readonly call: Call }
  | { readonly _tag: "Refused"; readonly refusal: CallRefusalOf<CallCommand["_tag"]> | CallContended }
  /** Too many commands wait on this host. Nothing has happened. */
  | { readonly _tag: "Overloaded" }
  /** The command needs more than the state of the call. Nothing has happened. */
  | { readonly _tag: "Unsuited" }
  /** The store failed. The command may be stored. */
  | { readonly _tag: "Failed"; readonly cause: Cause.Cause<never> }

/** A command that is decided by the state of its call alone. */
export interface QuickCommand {
  /** Makes the command for a state of the call; undefined if the command is not a quick one in this state. */
  readonly prepare: (call: Call) => Prepared | undefined
  readonly done: (outcome: QuickOutcome) => void
  /** Characters of signalling that the command holds. */
  readonly size: number
  /** The number of lost races. */
  attempt: number
}

/** An exclusive turn: `start` runs when the turn begins. */
interface Turn {
  readonly start: () => void
}

type Entry = Turn | QuickCommand

interface Mailbox {
  readonly id: CallId
  entries: Array<Entry>
  /** The call has a turn, or its quick commands are being stored. */
  isBusy: boolean
}

const isTurn = (entry: Entry): entry is Turn => "start" in entry

export class CallMailboxes {
  readonly #boxes = new Map<CallId, Mailbox>()
  /** The quick commands that wait. */
  #waiting = { commands: 0, characters: 0 }
  #begun = 0
  readonly #onQuick: (id: CallId) => void

  /** `onQuick`: the call has quick commands that `takeQuick` would return now. */
  constructor(onQuick: (id: CallId) => void) {
    this.#onQuick = onQuick
  }

  /** The number of calls with a command that waits or is carried out. */
  get calls(): number {
    return this.#boxes.size
  }

  /** The number of commands that have begun so far, without those that are to be decided again. */
  get begun(): number {
    return this.#begun
  }

  /** Adds a turn. Returns the function that gives the turn up, whether it has begun or not. */
  addTurn(id: CallId, start: () => void): () => void {
    const entry: Turn = { start }
    this.#add(id, entry)
    return () => {
      const box = this.#boxes.get(id)
      if (box?.entries.includes(entry) !== true) return this.release(id)
      box.entries = box.entries.filter((each) => each !== entry)
    }
  }

  /** Returns false if too many quick commands wait. */
  addQuick(id: CallId, command: QuickCommand): boolean {
    if (this.#waiting.commands >= mostWaiting.commands) return false
    if (this.#waiting.characters + command.size > mostWaiting.characters) return false
    this.#count([command], 1)
    this.#add(id, command)
    return true
  }

  /** Takes at most `limit` quick commands from the front. The mailbox is busy until `release`. */
  takeQuick(id: CallId, limit: number): ReadonlyArray<QuickCommand> {
    const box = this.#boxes.get(id)
    if (box === undefined || box.isBusy) return []
    const taken: Array<QuickCommand> = []
    for (const entry of box.entries) {
      if (isTurn(entry) || taken.length === limit) break
      taken.push(entry)
    }
    if (taken.length === 0) return taken
    box.entries.splice(0, taken.length)
    this.#count(taken, -1)
    this.#begun += taken.length
    box.isBusy = true
    return taken
  }

  /** Ends the turn of a call. `again`: quick commands to decide again, before all others. */
  release(id: CallId, again: ReadonlyArray<QuickCommand> = []): void {
    const box = this.#boxes.get(id)
    if (box === undefined) return
    box.isBusy = false
    if (again.length > 0) {
      box.entries.unshift(...again)
      this.#count(again, 1)
      this.#begun -= again.length
    }
    this.#continue(box)
  }

  #count(commands: ReadonlyArray<QuickCommand>, sign: 1 | -1): void {
    this.#waiting.commands += sign * commands.length
    for (const { size } of commands) this.#waiting.characters += sign * size
  }

  #add(id: CallId, entry: Entry): void {
    let box = this.#boxes.get(id)
    if (box === undefined) this.#boxes.set(id, box = { id, entries: [], isBusy: false })
    box.entries.push(entry)
    if (box.entries.length === 1) this.#continue(box)
  }

  #continue(box: Mailbox): void {
    if (box.isBusy) return
    const [first] = box.entries
    if (first === undefined) this.#boxes.delete(box.id)
    else if (isTurn(first)) {
      box.entries.shift()
      this.#begun += 1
      box.isBusy = true
      first.start()
    } else this.#onQuick(box.id)
  }
}
