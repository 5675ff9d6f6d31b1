/**
 * A body of which every member may be left out may be left out as a whole: many clients send none where they have
 * nothing to say.
 */
import { Schema, SchemaGetter } from "effect"
import type { OpenApi } from "effect/http-api"

/**
 * The payload of an endpoint that takes no body at all, and null, for the body without members. No body is null to the
 * reader of bodies where one of the payloads is nothing but null.
 */
export const bodyLeftOut = <Fields extends Schema.Struct.Fields>(
  body: Schema.Struct<Fields> & ({} extends Schema.Struct<Fields>["Type"] ? unknown : "a member is required")
) => {
  const given: Schema.Struct<Fields> = body
  const nothing = Schema.Null.pipe(
    Schema.decodeTo(Schema.toType(given), {
      decode: SchemaGetter.transform(() => ({}) as Schema.Struct<Fields>["Type"]),
      encode: SchemaGetter.transform(() => null)
    })
  )
  return [given, nothing] as const
}

const isNull = (schema: unknown) => (schema as { readonly type?: unknown }).type === "null"

const mayBeLeftOut = ({ schema }: OpenApi.OpenApiSpecMediaType) =>
  Array.isArray(schema.anyOf) && schema.anyOf.some(isNull)

/** Says of each body in the description of the API whether it may be left out: it may where it may be null. */
export const describeBodiesLeftOut = (description: Record<string, unknown>): Record<string, unknown> => {
  const { paths } = description as unknown as OpenApi.OpenAPISpec
  for (const operations of Object.values(paths)) {
    for (
      const { requestBody } of [operations.post, operations.patch, operations.put, operations.delete]
        .filter((operation) => operation !== undefined)
    ) {
      if (requestBody === undefined) continue
      Object.assign(requestBody, { required: !Object.values(requestBody.content).some(mayBeLeftOut) })
    }
  }
  return description
}
