export { Cryptography } from "./Cryptography.ts"
