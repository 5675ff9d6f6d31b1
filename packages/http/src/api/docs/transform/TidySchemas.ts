/**
 * Says in a schema what the contract means, in the shortest form that JSON Schema has.
 */
import { type JsonSchema, mapObjects, type Step } from "./Document.ts"

export const isNull = ({ type }: JsonSchema) => type === "null"

/** `{"anyOf": [{"type": "string"}, {"type": "null"}]}` is `{"type": ["string", "null"]}`. */
const withNullAsType = (schema: JsonSchema): JsonSchema => {
  const { anyOf, ...others } = schema
  const [value, nothing] = anyOf ?? []
  if (anyOf?.length !== 2 || value === undefined || nothing === undefined || !isNull(nothing)) return schema
  if (typeof value.type !== "string") return schema
  const { enum: values, type, ...rest } = value
  return { ...others, ...rest, type: [type, "null"], ...(values && { enum: [...values, null] }) }
}

/** Every integer of JSON is a safe one for a client in JavaScript; the bounds of that type are no rule of the API. */
const withoutBoundsOfTheType = (schema: JsonSchema): JsonSchema => {
  const { maximum, minimum, ...others } = schema
  return {
    ...others,
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum })
  }
}

/** The server passes over members that it does not know, and a later version may send more members than these. */
const open = (schema: JsonSchema): JsonSchema => {
  const { additionalProperties, ...others } = schema
  return additionalProperties === false ? others : schema
}

/** One check that the compiler of schemas puts into `allOf` where the schema has no such keyword. */
const withOnlyMember = (schema: JsonSchema): JsonSchema => {
  const { allOf, ...others } = schema
  if (!Array.isArray(allOf) || allOf.length !== 1) return schema
  const [member] = allOf as ReadonlyArray<JsonSchema>
  return member !== undefined && Object.keys(member).every((keyword) => !(keyword in others))
    ? { ...others, ...member }
    : schema
}

/** A list of one item or more needs no place for the first one. */
const withoutFirstPlace = (schema: JsonSchema): JsonSchema => {
  const { prefixItems, ...others } = schema
  return JSON.stringify(prefixItems) === JSON.stringify([schema["items"]]) ? others : schema
}

const isSchema = (object: Readonly<Record<string, unknown>>) =>
  typeof object["type"] === "string" || "anyOf" in object || "allOf" in object

const tidy = (object: Readonly<Record<string, unknown>>) =>
  isSchema(object) ? withNullAsType(withoutFirstPlace(open(withOnlyMember(withoutBoundsOfTheType(object))))) : object

export const tidySchemas: Step = (document) => {
  const { components, paths } = document
  return {
    ...document,
    paths: mapObjects(paths, tidy),
    components: { ...components, schemas: mapObjects(components.schemas, tidy) }
  }
}
