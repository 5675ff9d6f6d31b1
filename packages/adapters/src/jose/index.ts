export * as JoseAccessTokens from "./JoseAccessTokens.ts"
export * as JoseStateTokens from "./JoseStateTokens.ts"
