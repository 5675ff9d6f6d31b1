export { type Loop, Loops, repeat } from "./Loops.ts"
