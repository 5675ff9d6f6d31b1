/**
 * The texts of a component of the document: one text for the component, and one for each of its members.
 */
import type { FieldTexts } from "./OperationDocs.ts"

export interface SchemaDocs {
  readonly description: string
  readonly fields?: FieldTexts
}
