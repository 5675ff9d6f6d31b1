export { type Asked, type Attempted, keyedRequest, makeIdempotency } from "./Idempotency.ts"
export * from "./model/IdempotencyKey.ts"
export * from "./model/KeyedRequest.ts"
export * from "./ports/IdempotencyKeys.ts"
