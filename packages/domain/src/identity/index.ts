export * from "./UserId.ts"
