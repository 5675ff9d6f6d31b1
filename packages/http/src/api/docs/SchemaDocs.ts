/**
 * The texts of a component of the document: what it is, and what each of its members means.
 */
import type { FieldTexts } from "./OperationDocs.ts"

export interface SchemaDocs {
  readonly description: string
  readonly fields?: FieldTexts
}
