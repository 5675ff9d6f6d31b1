/**
 * The host process.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Exit } from "effect"
import { program } from "./Host.ts"

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  // Being asked to stop, and stopping, is no failure.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)
})
