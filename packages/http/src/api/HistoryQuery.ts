/**
 * The query for the past calls of a user, page by page.
 */
import { CallId, CallProjection } from "@dchat/domain/call"
import { Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { Base64Url } from "effect/encoding"
import { RequestTime } from "./Time.ts"

const { HistoryFilter } = CallProjection

const HistoryPlace = Schema.Struct({ initiatedAt: Schema.DateTimeUtc, callId: CallId })

const PlaceText = Schema.fromJsonString(Schema.Tuple([RequestTime, CallId]))
const decodePlace = Schema.decodeEffect(PlaceText)
const encodePlace = Schema.encodeEffect(PlaceText)

/** The start of the next page. Opaque to clients: base64url of a place in the history. */
export const HistoryCursor = Schema.String.check(Schema.isMaxLength(256)).pipe(
  Schema.decodeTo(
    Schema.toType(HistoryPlace),
    SchemaTransformation.transformEffect({
      decode: (text: string) =>
        Effect.fromResult(Base64Url.decodeString(text)).pipe(
          Effect.flatMap(decodePlace),
          Effect.map(([initiatedAt, callId]) => ({ initiatedAt, callId })),
          Effect.mapError(() => new SchemaIssue.InvalidValue({ expected: "a cursor of this history" }))
        ),
      encode: ({ callId, initiatedAt }: typeof HistoryPlace.Type) =>
        Effect.mapBoth(encodePlace([initiatedAt, callId]), {
          onFailure: ({ issue }) => issue,
          onSuccess: (text) => Base64Url.encode(text)
        })
    })
  )
)

export const HistoryQuery = {
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))),
  cursor: Schema.optionalKey(HistoryCursor),
  type: HistoryFilter.fields.type,
  kind: HistoryFilter.fields.kind,
  outcome: HistoryFilter.fields.outcome,
  /** Returns only calls with this user. */
  peer: HistoryFilter.fields.peer,
  /** Returns only calls placed at this time or later. */
  from: Schema.optionalKey(RequestTime),
  /** Returns only calls placed before this time. */
  to: Schema.optionalKey(RequestTime)
}

/** The default number of calls on a page. */
export const defaultPageSize = 20
