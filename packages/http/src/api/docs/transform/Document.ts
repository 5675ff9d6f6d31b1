/**
 * The parts of an OpenAPI 3.1 document that are changed here, and how a change reaches every schema.
 */

export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly enum?: ReadonlyArray<string | number | boolean | null>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly description?: string
  readonly [keyword: string]: unknown
}

export interface Reference {
  readonly $ref: string
}

/** By name. */
type Examples = Readonly<Record<string, { readonly value: unknown }>>

export interface MediaType {
  readonly schema: JsonSchema
  readonly examples?: Examples
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, MediaType>>
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: JsonSchema
  readonly required: boolean
  readonly description?: string
  readonly examples?: Examples
}

export interface Operation {
  readonly operationId: string
  readonly tags: ReadonlyArray<string>
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly security: ReadonlyArray<Readonly<Record<string, ReadonlyArray<string>>>>
  readonly requestBody?: {
    readonly required: boolean
    readonly content: Readonly<Record<string, MediaType>>
  }
  readonly responses: Readonly<Record<string, Response | Reference>>
}

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Readonly<Record<string, unknown>>
  readonly servers?: ReadonlyArray<{ readonly url: string; readonly description?: string }>
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses?: Readonly<Record<string, Response>>
    readonly headers?: Readonly<Record<string, unknown>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
}

/** One change of a document. */
export type Step = (document: OpenApiDocument) => OpenApiDocument

const schemaPrefix = "#/components/schemas/"

export const refTo = (name: string): JsonSchema => ({ $ref: `${schemaPrefix}${name}` })

/** The component that a schema refers to, if it does. */
export const refOf = ({ $ref }: JsonSchema): string | undefined =>
  $ref?.startsWith(schemaPrefix) === true ? $ref.slice(schemaPrefix.length) : undefined

export const mapValues = <Value, Mapped>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, key: string) => Mapped
): Readonly<Record<string, Mapped>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))

/** Changes every operation. */
export const mapOperations = (
  document: OpenApiDocument,
  change: (operation: Operation, method: string) => Operation
): OpenApiDocument => ({
  ...document,
  paths: mapValues(document.paths, (operations) => mapValues(operations, change))
})

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Changes every object inside a value, the innermost first. */
export const mapObjects = <Value>(
  value: Value,
  change: (object: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
): Value => {
  if (Array.isArray(value)) return value.map((item: unknown) => mapObjects(item, change)) as Value
  return isObject(value) ? change(mapValues(value, (member) => mapObjects(member, change))) as Value : value
}
