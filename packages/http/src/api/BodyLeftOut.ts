/**
 * An optional body. If all members of a body are optional, a request may have no body, because many clients then send
 * none.
 */
import { Schema, SchemaGetter } from "effect"

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
