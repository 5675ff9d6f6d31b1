export * from "./CallEnvelope.ts"
export * from "./CallView.ts"
export * from "./RealtimeFrames.ts"
