/**
 * The host process.
 */
import { program, run } from "./Host.ts"

run(program)
