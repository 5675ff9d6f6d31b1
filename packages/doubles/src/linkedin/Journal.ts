/**
 * What the stand-in was asked and what it gave out, so that tests can look for secrets where none may be.
 */

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** The names of the query's parameters, in their order. */
  readonly parameters: ReadonlyArray<string>
}

export interface Journal {
  readonly requests: Array<RecordedRequest>
  /** The client's secret, and each code, access token and ID token that was given out. */
  readonly secrets: Set<string>
  /** The subject of the access token. */
  readonly subjects: Map<string, string>
  readonly revoked: Set<string>
}

export const make = (clientSecret: string): Journal => ({
  requests: [],
  secrets: new Set([clientSecret]),
  subjects: new Map(),
  revoked: new Set()
})
