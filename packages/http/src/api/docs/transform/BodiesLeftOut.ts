/**
 * An optional body is null to the decoder (`BodyLeftOut.ts`). The document does not mention null, and states that the
 * body is not required.
 */
import { type JsonSchema, mapOperations, mapValues, type MediaType, type Step } from "./Document.ts"
import { isNull } from "./TidySchemas.ts"

const mayBeLeftOut = ({ schema }: MediaType) => schema.anyOf?.some(isNull) === true

const given = (schema: JsonSchema): JsonSchema => {
  const { anyOf, ...others } = schema
  const members = anyOf?.filter((member) => !isNull(member)) ?? []
  return members.length === 1 ? { ...others, ...members[0] } : schema
}

export const describeBodiesLeftOut: Step = (document) =>
  mapOperations(document, (operation) => {
    if (operation.requestBody === undefined) return operation
    const { content } = operation.requestBody
    return {
      ...operation,
      requestBody: {
        required: !Object.values(content).some(mayBeLeftOut),
        content: mapValues(content, (media) => ({ ...media, schema: given(media.schema) }))
      }
    }
  })
