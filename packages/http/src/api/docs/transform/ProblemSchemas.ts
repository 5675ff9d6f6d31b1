/**
 * One schema a problem, named by its code. Errors that share a code are one problem to a client, which cannot tell them
 * apart; the contract has a schema for each error.
 */
import { type JsonSchema, mapObjects, mapValues, type OpenApiDocument, refOf, refTo, type Step } from "./Document.ts"

/** The request id of the examples. */
const requestId = "01985f2e-7a10-7c41-9f08-2b6d1c5e7a10"

export const pascal = (code: string): string =>
  code.split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("")

/** The code of a problem, if the schema is that of a problem. */
export const codeOf = ({ properties }: JsonSchema): string | undefined => {
  const code = properties?.["requestId"] === undefined ? undefined : properties["code"]?.enum?.[0]
  return typeof code === "string" ? code : undefined
}

/** Separates the titles of the errors of one problem. */
const divider = "; "

const titlesOf = ({ description = "" }: JsonSchema) => description.split(divider)

/**
 * The schema that every error of the problem matches: the members of all errors, and as required members those that all
 * errors have.
 */
const merged = (one: JsonSchema, other: JsonSchema): JsonSchema => ({
  ...one,
  description: [...new Set([...titlesOf(one), ...titlesOf(other)])].join(divider),
  properties: { ...other.properties, ...one.properties },
  required: one.required?.filter((name) => other.required?.includes(name)) ?? []
})

/** Repeated references of a union become one. */
const withoutRepeats = (schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { anyOf, ...others } = schema as JsonSchema
  if (!Array.isArray(anyOf)) return schema
  const members = [...new Map(anyOf.map((member) => [JSON.stringify(member), member])).values()]
  return members.length === 1 ? { ...others, ...members[0] } : { ...others, anyOf: members }
}

export const oneSchemaPerProblem: Step = (document) => {
  const problems = new Map<string, JsonSchema>()
  const names = new Map<string, string>()
  const others: Record<string, JsonSchema> = {}
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const code = codeOf(schema)
    if (code === undefined) {
      others[name] = schema
      continue
    }
    const newName = `${pascal(code)}Problem`
    const known = problems.get(newName)
    names.set(name, newName)
    problems.set(newName, known === undefined ? schema : merged(known, schema))
  }
  const renamed = mapObjects(document, (object) => {
    const name = refOf(object)
    const newName = name === undefined ? undefined : names.get(name)
    return withoutRepeats(newName === undefined ? object : { ...object, ...refTo(newName) })
  })
  const sorted = [...Object.entries(others), ...problems].toSorted(([one], [other]) => one < other ? -1 : 1)
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(sorted) } }
}

/** The codes of the problems that a schema refers to. */
export const codesIn = ({ components }: OpenApiDocument, schema: JsonSchema): ReadonlyArray<string> =>
  (schema.oneOf ?? schema.anyOf ?? [schema]).flatMap((one) => {
    const component = components.schemas[refOf(one) ?? ""]
    const code = component && codeOf(component)
    return code === undefined ? [] : [code]
  })

interface ProblemTexts {
  /** The texts for the members of all problems. */
  readonly common: Readonly<Record<string, string>>
  /** The texts for the members of some problems. */
  readonly members: Readonly<Record<string, string>>
  /** Examples of the members of some problems, by code. */
  readonly examples: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const describeProblems = ({ common, examples, members }: ProblemTexts): Step => (document) => {
  const schemas = mapValues(document.components.schemas, (schema) => {
    const code = codeOf(schema)
    if (code === undefined) return schema
    const properties = mapValues(schema.properties ?? {}, (property, name) => {
      const description = common[name] ?? members[name]
      return description === undefined ? property : { ...property, description }
    })
    const [type, status] = [properties["type"]?.enum?.[0], properties["status"]?.enum?.[0]]
    const [title] = titlesOf(schema)
    return { ...schema, properties, examples: [{ type, title, status, code, requestId, ...examples[code] }] }
  })
  return { ...document, components: { ...document.components, schemas } }
}
