/**
 * A union of objects that one member tells apart is a `oneOf` with a discriminator: generators make types of it.
 */
import { type JsonSchema, mapObjects, type OpenApiDocument, refOf, type Step } from "./Document.ts"

type Tagged = readonly [name: string, schema: JsonSchema]

/** The values of a member that is required and has a list of values. */
const tagsOf = ({ properties, required }: JsonSchema, member: string): ReadonlyArray<string> | undefined => {
  const values = properties?.[member]?.enum
  return required?.includes(member) === true && values?.every((value) => typeof value === "string") === true
    ? values as ReadonlyArray<string>
    : undefined
}

/** From the value of a member to the only schema with that value; nothing if the member does not tell all apart. */
const mappingBy = (tagged: ReadonlyArray<Tagged>, member: string) => {
  const mapping = new Map<string, string>()
  for (const [ref, schema] of tagged) {
    const tags = tagsOf(schema, member)
    if (tags === undefined || tags.some((tag) => mapping.has(tag))) return undefined
    for (const tag of tags) mapping.set(tag, ref)
  }
  return mapping
}

/** The member that tells problems apart, and the one that tells everything else apart. */
const members = ["code", "type"] as const

const discriminated = ({ components }: OpenApiDocument) => (schema: JsonSchema): JsonSchema => {
  const { anyOf, ...others } = schema
  if (!Array.isArray(anyOf) || anyOf.length < 2) return schema
  const tagged = anyOf.flatMap((one: JsonSchema): ReadonlyArray<Tagged> => {
    const component = components.schemas[refOf(one) ?? ""]
    return component === undefined ? [] : [[one.$ref ?? "", component]]
  })
  if (tagged.length < anyOf.length) return schema
  for (const propertyName of members) {
    const mapping = mappingBy(tagged, propertyName)
    if (mapping === undefined) continue
    return { ...others, oneOf: anyOf, discriminator: { propertyName, mapping: Object.fromEntries(mapping) } }
  }
  return schema
}

export const addDiscriminators: Step = (document) => mapObjects(document, discriminated(document))
