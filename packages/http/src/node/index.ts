export { DchatCannotStart, type DchatHost, openDchatHost } from "./openDchatHost.ts"
