/**
 * Compares the errors that endpoints declare with the errors of their handlers, at compile time and both ways.
 */
import type { Effect } from "effect"
import type { HttpApiEndpoint } from "effect/http-api"

type Answers<Endpoints extends Record<string, HttpApiEndpoint.Constraint>> = {
  readonly [Name in keyof Endpoints]: HttpApiEndpoint.Handler<
    Endpoints[Name],
    HttpApiEndpoint.MiddlewareError<Endpoints[Name]>,
    unknown
  >
}

type FailureOf<Answer> = Answer extends (...request: never) => Effect.Effect<unknown, infer E, unknown> ? E : never

/** The declared errors with which an answer never fails. */
type Impossible<Endpoint, Answer> = Exclude<HttpApiEndpoint.Error<Endpoint>["Type"], FailureOf<Answer>>

interface DeclaresImpossible<Error> {
  readonly "the endpoint declares an error that cannot happen": Error
}

type Exact<Endpoints, Answered> = {
  readonly [Name in keyof Endpoints & keyof Answered]: [Impossible<Endpoints[Name], Answered[Name]>] extends [never]
    ? unknown
    : DeclaresImpossible<Impossible<Endpoints[Name], Answered[Name]>>
}

/**
 * The same answers. An answer that fails with an undeclared error does not compile, and neither does an answer whose
 * endpoint declares an error with which the answer cannot fail.
 */
export const exactly = <
  Endpoints extends Record<string, HttpApiEndpoint.Constraint>,
  const Answered extends Answers<Endpoints>
>(
  _handlers: { readonly "~EndpointsByIdentifier": Endpoints },
  answers: Answered & Exact<Endpoints, Answered>
): Answered => answers
