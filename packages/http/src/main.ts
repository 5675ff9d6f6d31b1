/**
 * The host process.
 */
import { program, run } from "./host/Host.ts"

run(program)
