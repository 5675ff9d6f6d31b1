#!/usr/bin/env node
/**
 * `dchat` as a process. The help of a command is written without loading any command.
 */
import { helpOf } from "./HelpTexts.ts"

const words = process.argv.slice(2)
const help = helpOf(words)

if (help === undefined) {
  const { run } = await import("./Process.ts")
  run(words)
} else {
  process.stdout.write(help)
}
