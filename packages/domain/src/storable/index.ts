export * from "./Storable.ts"
export * from "./UuidV7.ts"
