/**
 * Lists in environment variables.
 */
import { Config, Effect, Schema, SchemaIssue } from "effect"

/** Comma-separated; nothing for an empty value. */
export const list = <A>(name: string, item: Schema.Codec<A, string>) =>
  Config.String(name).pipe(
    Config.withDefault(""),
    Config.mapEffect((text) =>
      Schema.decodeUnknownEffect(Schema.Array(item))(
        text.split(",").map((part) => part.trim()).filter((part) => part !== "")
      ).pipe(
        Effect.mapError(({ issue }) =>
          new Config.ConfigError(new Schema.SchemaError(new SchemaIssue.Pointer([name], issue)))
        )
      )
    )
  )
