export * as Fault from "./Fault.ts"
export * as LinkedInDouble from "./LinkedInDouble.ts"
export * from "./Person.ts"
export * as Visitor from "./Visitor.ts"
