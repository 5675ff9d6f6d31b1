/**
 * Reads the answers of a host. When an answer does not help, the failure gives the reason in one line.
 */
import { problemTable } from "@dchat/http/api"
import { Effect, Schema } from "effect"
import { HttpClientError } from "effect/http"
import { HostRefused } from "./LoginErrors.ts"

interface Failure {
  readonly _tag: string
  readonly message: string
}

/** For one answer. */
const requestTimeout = "10 seconds"

const strange = "is not a dchat host of this version"

/** The message of the error, or the title of the problem where the error has no message. */
const reasonOf = ({ _tag, message }: Failure): string => {
  if (message !== "") return message.split("\n", 1)[0] ?? ""
  return Object.entries(problemTable).find(([tag]) => tag === _tag)?.[1].title ?? _tag
}

const detailOf = (failure: Failure): string => {
  if (HttpClientError.isHttpClientError(failure)) {
    return failure.reason._tag === "TransportError" ? "does not answer" : strange
  }
  return Schema.isSchemaError(failure) ? strange : `refused the request: ${reasonOf(failure)}`
}

/** The answer, unless the host gives none in time. Failures with one of these tags are for the caller. */
export const answered =
  <const Tags extends ReadonlyArray<string> = []>(url: string, ...own: Tags) =>
  <A, E extends Failure, R>(
    asked: Effect.Effect<A, E, R>
  ): Effect.Effect<A, Extract<E, { readonly _tag: Tags[number] }> | HostRefused, R> =>
    asked.pipe(
      Effect.mapError((failure) =>
        own.includes(failure._tag)
          ? failure as Extract<E, { readonly _tag: Tags[number] }>
          : new HostRefused({ url, detail: detailOf(failure) })
      ),
      Effect.timeoutOrElse({
        duration: requestTimeout,
        orElse: () => Effect.fail(new HostRefused({ url, detail: "does not answer" }))
      })
    )
