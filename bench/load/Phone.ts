/**
 * What one user of a call says to the other, whatever server is between them.
 */

export type Word = "ring" | "alert" | "accept" | "offer" | "answer" | "candidate" | "end"

export interface Phone {
  /** The name by which the other user speaks to this one. */
  readonly user: string
  /** Receives what the other user says. `number` is the number of a candidate. */
  hear: (word: Word, number: number) => void
  /** Is told that the server has answered a command. A relay gives no answers: what is sent counts as answered. */
  answered: (word: Word) => void
  /** Receives the code of a refusal. */
  refused: (code: string) => void
  readonly say: (word: Word, to: string, number?: number) => void
  /** Leaves the present call and ignores what still comes of it. */
  readonly giveUp: (to: string) => void
  /** Whether the server has answered all commands of this phone. */
  readonly isIdle: () => boolean
  /** Events that came twice, and events of a call that came without the one before. */
  readonly faults: () => { readonly repeated: number; readonly missed: number }
  readonly close: () => void
}
