#!/usr/bin/env node
/**
 * `dchat` as a process.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { dchat } from "./Dchat.ts"

NodeRuntime.runMain(dchat(process.argv.slice(2)))
