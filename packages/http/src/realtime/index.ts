export * from "./RealtimeRoute.ts"
export * from "./RealtimeSocket.ts"
export * from "./SessionSockets.ts"
