/**
 * What the domain uses of the globals that every JavaScript runtime has (WinterTC Minimum Common API).
 */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}
