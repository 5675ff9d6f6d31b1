/**
 * What the domain uses of the globals that every JavaScript runtime has (WinterTC Minimum Common API).
 */
declare var TextEncoder: { new(): { encode(input?: string): Uint8Array<ArrayBuffer> } }
