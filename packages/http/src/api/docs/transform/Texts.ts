/**
 * Puts the texts and examples of the reference into the document.
 */
import type { RatePolicy } from "../../RateLimited.ts"
import type { AnswerDocs, FieldTexts, OperationDocs } from "../OperationDocs.ts"
import { type ParameterDocs } from "../Parameters.ts"
import type { SchemaDocs } from "../SchemaDocs.ts"
import { policyOf } from "./Answers.ts"
import {
  type JsonSchema,
  mapOperations,
  mapValues,
  type MediaType,
  type Operation,
  type Parameter,
  type Reference,
  type Response,
  type Step
} from "./Document.ts"

/** A schema whose members have their texts. */
const withTexts = (schema: JsonSchema, texts: FieldTexts = {}): JsonSchema =>
  schema.properties === undefined ? schema : {
    ...schema,
    properties: mapValues(schema.properties, (property, name) => {
      const description = texts[name]
      return description === undefined ? property : { ...property, description }
    })
  }

/** By name, as OpenAPI 3.1 prefers: readers of the document show these where they pass over a single one. */
const exampleOf = (value: unknown) => value === undefined ? {} : { examples: { example: { value } } }

const withExample = (media: MediaType, texts: FieldTexts | undefined, example: unknown): MediaType => ({
  schema: withTexts(media.schema, texts),
  ...exampleOf(example)
})

const answered = (response: Response | Reference, docs: AnswerDocs | undefined): Response | Reference => {
  if ("$ref" in response || docs === undefined) return response
  const { content, headers } = response
  return {
    description: docs.description,
    ...(headers && { headers }),
    ...(content && { content: mapValues(content, (media) => withExample(media, docs.fields, docs.example)) })
  }
}

const limitOf = ({ name, perMinute: { address, person } }: RatePolicy) =>
  `Rate limit \`${name}\`: ${
    person === undefined ? "" : `${person} requests per minute for each user, `
  }${address} requests per minute for each address.`

const securityOf = (operation: Operation, { security }: OperationDocs): Operation["security"] => {
  if (security === "serviceKey") return [{ serviceKey: [] }]
  return security === "sessionOrNone" ? [{}, { bearer: [] }, { session: [] }] : operation.security
}

const described = (operation: Operation, parameter: Parameter, docs: Readonly<Record<string, ParameterDocs>>) => {
  const [group] = operation.operationId.split(".")
  const found = docs[`${parameter.in} ${group}.${parameter.name}`] ?? docs[`${parameter.in} ${parameter.name}`]
  if (found === undefined) return parameter
  const { example, ...texts } = found
  return { ...parameter, ...texts, ...exampleOf(example) }
}

/** A credential is described by its security scheme (OpenAPI 3.1, 4.8.12.2). */
const isCredential = (parameter: Parameter) => parameter.in === "header" && parameter.name === "authorization"

export const describeOperations = (
  docs: Readonly<Record<string, OperationDocs>>,
  parameters: Readonly<Record<string, ParameterDocs>>
): Step =>
(document) =>
  mapOperations(document, (operation) => {
    const texts = docs[operation.operationId]
    if (texts === undefined) return operation
    const policy = policyOf(operation)
    const { requestBody } = operation
    const { body } = texts
    const { operationId, responses, tags } = operation
    return {
      tags,
      operationId,
      summary: texts.summary,
      description: policy === undefined ? texts.description : `${texts.description}\n\n${limitOf(policy)}`,
      parameters: operation.parameters
        .filter((parameter) => !isCredential(parameter))
        .map((parameter) => described(operation, parameter, parameters)),
      security: securityOf(operation, texts),
      ...(requestBody && {
        requestBody: {
          ...requestBody,
          content: mapValues(requestBody.content, (media) => withExample(media, body?.fields, body?.example))
        }
      }),
      responses: mapValues(responses, (response, status) => answered(response, texts.answers[Number(status)]))
    }
  })

export const describeSchemas = (docs: Readonly<Record<string, SchemaDocs>>): Step => (document) => {
  const schemas = mapValues(document.components.schemas, (schema, name) => {
    const texts = docs[name]
    return texts === undefined ? schema : { ...withTexts(schema, texts.fields), description: texts.description }
  })
  return { ...document, components: { ...document.components, schemas } }
}
