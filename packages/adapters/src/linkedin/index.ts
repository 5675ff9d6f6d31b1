export * as LinkedInMetadata from "./LinkedInMetadata.ts"
export * as LinkedInOpenId from "./LinkedInOpenId.ts"
export { LinkedInUrlRefused } from "./LinkedInUrl.ts"
