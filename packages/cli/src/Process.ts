/**
 * Runs a command as the only work of the process.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { dchat } from "./Dchat.ts"

export const run = (words: ReadonlyArray<string>): void => NodeRuntime.runMain(dchat(words))
