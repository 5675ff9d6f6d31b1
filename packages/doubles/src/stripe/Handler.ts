/**
 * One request of the API: what was asked, and what is done to the books for it.
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

/** By method and path, as in `GET invoices/:id`. */
export type Routes = Record<string, Handler>
