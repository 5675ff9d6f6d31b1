export * from "./CallView.ts"
