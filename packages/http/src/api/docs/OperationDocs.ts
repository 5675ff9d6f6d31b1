/**
 * The texts of an operation in the reference of the API. They stand apart from the contract, so that clients do not
 * load them. A missing operation does not compile; a missing field fails the test of the document.
 */
import type { HttpApiGroup } from "effect/http-api"

/** A JSON value, as it is on the wire. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [member: string]: Json }

/** A text for each member of an object, by the name of the member. */
export type FieldTexts = Readonly<Record<string, string>>

export interface AnswerDocs {
  readonly description: string
  /** The members of an answer that is no component. */
  readonly fields?: FieldTexts
  /** Missing where the answer has no body. */
  readonly example?: Json
}

export interface OperationDocs {
  /** The imperative, in few words. */
  readonly summary: string
  /** CommonMark. */
  readonly description: string
  readonly body?: { readonly fields: FieldTexts; readonly example: Json }
  /** By status; problems are described by their components. */
  readonly answers: Readonly<Record<number, AnswerDocs>>
  /** How a request may show its sender, where the contract does not say. */
  readonly security?: "sessionOrNone" | "serviceKey"
}

export interface GroupDocs<Group> {
  readonly description: string
  readonly operations: { readonly [Name in HttpApiGroup.Endpoints<Group>["identifier"]]: OperationDocs }
}
