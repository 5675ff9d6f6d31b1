/**
 * The handler of one route of the API: the request, the allowed parameters, and the change of the books.
 */
import type { Books } from "./Books.ts"
import type { Form } from "./FormBody.ts"

export interface Call {
  readonly method: string
  /** Without `/v1/`. */
  readonly path: string
  readonly form: Form
}

export type Handler = (books: Books, id: string, form: Form) => unknown

export interface Route {
  /** As in `items.[].price`, and `metadata.*` for any name. */
  readonly parameters: ReadonlyArray<string>
  readonly handle: Handler
}

/** By method and path, as in `GET invoices/:id`. */
export type Routes = Record<string, Route>

type Field<T, Key> = T extends ReadonlyArray<infer Element> ? (Key extends "[]" ? Element : never)
  : T extends object ? (Key extends keyof T ? NonNullable<T[Key]> : Key extends "*" ? NonNullable<T[keyof T]> : never)
  : never

type At<T, Path> = Path extends `${infer Key}.${infer Rest}` ? At<Field<T, Key>, Rest> : Field<T, Path>

/** Those paths that Stripe's library has in the parameters. */
type Known<T, Paths extends ReadonlyArray<string>> = {
  [Index in keyof Paths]: [At<T, Paths[Index]>] extends [never] ? never : Paths[Index]
}

/** Takes these parameters and no others: whatever Stripe has besides is not there. */
export const taking = <Parameters = Record<never, never>>() =>
<const Paths extends ReadonlyArray<string>>(
  parameters: Paths & Known<Parameters, Paths>,
  handle: Handler
): Route => ({
  parameters,
  handle
})
