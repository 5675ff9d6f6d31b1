/**
 * The texts of an operation in the reference of the API. They stand apart from the contract, so that clients do not
 * load them. A missing operation does not compile; a missing field fails the test of the document.
 */
import type { HttpApiGroup } from "effect/http-api"

/** A JSON value in the form in which the host sends it. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [member: string]: Json }

/** A text for each member of an object, by the name of the member. */
export type FieldTexts = Readonly<Record<string, string>>

export interface AnswerDocs {
  readonly description: string
  /** The members of an answer whose schema is not a component. */
  readonly fields?: FieldTexts
  /** Absent if the answer has no body. */
  readonly example?: Json
}

export interface OperationDocs {
  /** A short sentence in the imperative. */
  readonly summary: string
  /** A text in CommonMark. */
  readonly description: string
  readonly body?: { readonly fields: FieldTexts; readonly example: Json }
  /** The answers by status, without problems: the components of problems have their own texts. */
  readonly answers: Readonly<Record<number, AnswerDocs>>
  /** The authentication of the request, if the contract does not state it. */
  readonly security?: "sessionOrNone" | "serviceKey"
}

export interface GroupDocs<Group> {
  readonly description: string
  readonly operations: { readonly [Name in HttpApiGroup.Endpoints<Group>["identifier"]]: OperationDocs }
}
