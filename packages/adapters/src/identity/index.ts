export * as IdentityCallDirectory from "./IdentityCallDirectory.ts"
