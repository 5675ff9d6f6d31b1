/**
 * Optional members accept null, because many clients write null for an absent value.
 */
import { Option, Schema, SchemaAST, SchemaGetter } from "effect"

const omittable = <Member extends Schema.Codec<unknown, unknown>>(member: Member) =>
  Schema.optionalKey(Schema.NullOr(member)).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(member)), {
      decode: SchemaGetter.transformOptional((given) => Option.filter(given, (value) => value !== null)),
      encode: SchemaGetter.passthrough({ strict: false })
    })
  )

const isNullable = (ast: SchemaAST.AST): boolean => SchemaAST.isUnion(ast) && ast.types.some(SchemaAST.isNull)

interface Optional {
  readonly ast: SchemaAST.AST
  readonly schema?: Schema.Codec<unknown, unknown>
}

/** Takes null for the absence of every member that may be left out, but where null is a value of that member. */
export const nullAsLeftOut = <Fields extends Schema.Struct.Fields>(
  struct: Schema.Struct<Fields>
): Schema.Struct<Fields> => {
  const fields = Object.entries(struct.fields as Record<string, Optional>).map(([name, field]) => {
    const { ast, schema } = field
    const isLeftOut = schema !== undefined && SchemaAST.isOptional(ast) && !isNullable(ast)
    return [name, isLeftOut ? omittable(schema) : field]
  })
  return Schema.Struct(Object.fromEntries(fields)) as unknown as Schema.Struct<Fields>
}
