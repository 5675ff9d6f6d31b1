export * as CallMergeParticipant from "../bridges/CallMergeParticipant.ts"
export * as IdentityCallDirectory from "../bridges/IdentityCallDirectory.ts"
