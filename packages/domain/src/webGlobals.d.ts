/**
 * The globals of JavaScript runtimes that the domain uses (WinterTC Minimum Common API).
 */
declare var TextEncoder: { new(): { encode(input?: string): Uint8Array<ArrayBuffer> } }
declare var TextDecoder: {
  new(label: "utf-8", options: { readonly ignoreBOM: boolean }): { decode(input: Uint8Array): string }
}

/** The URL standard's classes, which browsers and servers have alike. */
declare class URLSearchParams {
  get(name: string): string | null
  getAll(name: string): Array<string>
  set(name: string, value: string): void
}
declare class URL {
  constructor(url: string, base?: string)
  readonly href: string
  readonly searchParams: URLSearchParams
}
