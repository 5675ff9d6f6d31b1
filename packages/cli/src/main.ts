#!/usr/bin/env node
/**
 * `dchat` as a process. The help of a command is written without loading any command.
 */
import * as Module from "node:module"
import { basename, join } from "node:path"
import { helpOf } from "./HelpTexts.ts"

const words = process.argv.slice(2)
const help = helpOf(words)

if (help === undefined) {
  // The bundle keeps its compiled code inside the package, where no other user can write.
  if (basename(import.meta.dirname) === "bin") {
    Module.enableCompileCache?.(join(import.meta.dirname, "../../node_modules/.cache"))
  }
  const { run } = await import("./Process.ts")
  run(words)
} else {
  process.stdout.write(help)
}
