/**
 * Records the requests to the simulated LinkedIn and the secrets that it issued, so that tests can search for leaked
 * secrets.
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
