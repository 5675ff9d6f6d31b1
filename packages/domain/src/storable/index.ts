export * from "./Storable.ts"
