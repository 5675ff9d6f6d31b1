export * as CallMergeParticipant from "./CallMergeParticipant.ts"
export * as IdentityCallDirectory from "./IdentityCallDirectory.ts"
