/**
 * The help of each command as text, so that the process can write help without loading the commands.
 * `packages/cli/test/help.test.ts` compares the texts with the commands, and writes them when it runs with `--update`.
 */
import { stripVTControlCharacters } from "node:util"
import texts from "./help.json" with { type: "json" }

/** The texts with colours, by the words of the command: `dchat calls list`. */
const byCommand = new Map(Object.entries(texts))

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ""

/** The rule of `TerminalCapabilities` in `effect/cli`. */
const canColor = (): boolean => {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = process.env
  if (terminal === "dumb" || isSet(refused)) return false
  return isSet(forced) && forced !== "0" && forced.toLowerCase() !== "false" || process.stdout.isTTY
}

/** The command that these words ask about. `dchat` without a word is a question about `dchat`. */
const subjectOf = (words: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  if (words.length === 0) return []
  const last = words.at(-1)
  return last === "--help" || last === "-h" ? words.slice(0, -1) : undefined
}

/** The output for words that name a command and ask only for its help; else undefined. */
export const helpOf = (words: ReadonlyArray<string>): string | undefined => {
  const subject = subjectOf(words)
  if (subject === undefined || subject.some((word) => word.includes(" "))) return undefined
  const text = byCommand.get(["dchat", ...subject].join(" "))
  return text === undefined || canColor() ? text : stripVTControlCharacters(text)
}
