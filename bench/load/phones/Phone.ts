/**
 * The messages between the users of a call, independent of the server.
 */

export type Word = "ring" | "alert" | "accept" | "offer" | "answer" | "candidate" | "end"

export interface Phone {
  /** The name by which other users speak to this one. */
  readonly user: string
  /**
   * Receives what another user says. After `accept`, an offer to `from` is due. `number` is the number of a candidate.
   */
  hear: (word: Word, from: string, number: number) => void
  /** Is told that the server has answered a command. A relay gives no answers: what is sent counts as answered. */
  answered: (word: Word) => void
  /** Receives the code of a refusal. */
  refused: (code: string) => void
  readonly say: (word: Word, to: ReadonlyArray<string>, number?: number) => void
  /** Leaves the present call and ignores what still comes of it. */
  readonly giveUp: () => void
  /** Whether the server has answered all commands of this phone. */
  readonly isIdle: () => boolean
  /** Events that came twice, and events of a call that came without the one before. */
  readonly faults: () => { readonly repeated: number; readonly missed: number }
  /** Is told that the server, or the network, has ended the connection. */
  closed: () => void
  /** Cuts the connection, as a network does. */
  readonly drop: () => void
  /** Connects again, and sends again what has no answer. */
  readonly comeBack: () => Promise<void>
}

/** Makes a phone deaf to a call that is over. */
export const silence = (phone: Phone): void => {
  phone.hear = phone.answered = phone.refused = () => undefined
}
