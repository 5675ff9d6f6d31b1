/**
 * The handlers of the group `calls`.
 */
import {
  type Actor,
  type Call,
  type CallId,
  type CallRequest,
  type CallRequestOf,
  Calls,
  type DeviceId
} from "@dchat/domain/call"
import { Effect, Option, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { envelopeOf, inboxOf } from "../api/CallEnvelope.ts"
import { CallView, summaryOf, viewOf } from "../api/CallView.ts"
import { candidatesRequest } from "../api/CandidatesBody.ts"
import { defaultPageSize } from "../api/HistoryQuery.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { exactly } from "./DeclaredErrors.ts"

interface Asked {
  readonly params: { readonly id: CallId }
  readonly headers: { readonly "dchat-device"?: DeviceId }
}

const actorOf = Effect.fnUntraced(function*(headers: Asked["headers"]) {
  const { user } = yield* CurrentSession
  const device = headers["dchat-device"]
  return { userId: user.id, ...(device && { device }) } satisfies Actor
})

const encodeView = Schema.encodeSync(Schema.toCodecJson(CallView))

/** A call that existed before the request: the answer has the status 200. */
const existing = (call: Call) => HttpServerResponse.jsonUnsafe(encodeView(viewOf(call)), { status: 200 })

export const CallsHandlers = HttpApiBuilder.group(
  Api,
  "calls",
  Effect.fn(function*(handlers) {
    const calls = yield* Calls
    const { stunUrls } = yield* HostSettings
    const load = yield* HostLoad

    const execute = Effect.fnUntraced(function*<Tag extends CallRequest["_tag"]>(
      { headers, params }: Asked,
      request: CallRequestOf<Tag>
    ) {
      return viewOf(yield* calls.execute<Tag>(yield* actorOf(headers), params.id, request))
    })

    return handlers.handleAll(exactly(handlers, {
      initiate: Effect.fn(function*({ headers, payload }) {
        const actor = yield* actorOf(headers)
        const { call, created } = yield* HostLoad.place(
          load,
          calls.initiate(actor, payload, headers["idempotency-key"])
        )
        return created ? viewOf(call) : existing(call)
      }),
      offer: (asked) => execute(asked, { _tag: "Offer", ...asked.payload }),
      answer: (asked) => execute(asked, { _tag: "Answer", ...asked.payload }),
      candidates: (asked) => execute(asked, candidatesRequest(asked.payload)),
      get: Effect.fn(function*({ headers, params, query }) {
        const actor = yield* actorOf(headers)
        const { call, deliveries } = yield* calls.deliveries(actor, params.id, query.after ?? 0)
        return { ...viewOf(call), inbox: inboxOf(call, deliveries, actor.userId) }
      }),
      events: Effect.fn(function*({ headers, params, query }) {
        const actor = yield* actorOf(headers)
        const { call, deliveries } = yield* calls.deliveries(actor, params.id, query.after ?? 0)
        const items = deliveries.flatMap((delivery) => Option.toArray(envelopeOf(params.id, delivery, actor)))
        return { items, seq: Math.max(call.seq, ...deliveries.slice(-1).map(({ record }) => record.seq)) }
      }),
      end: (asked) => execute(asked, { _tag: "End", ...asked.payload }),
      alert: (asked) => execute(asked, { _tag: "Alert" }),
      accept: (asked) => execute(asked, { _tag: "Accept" }),
      decline: (asked) => execute(asked, { _tag: "Decline", ...asked.payload }),
      leave: (asked) => execute(asked, { _tag: "Leave" }),
      join: (asked) => execute(asked, { _tag: "Join" }),
      invite: (asked) => execute(asked, { _tag: "Invite", ...asked.payload }),
      kick: (asked) => execute(asked, { _tag: "Kick", ...asked.payload }),
      media: (asked) => execute(asked, { _tag: "ChangeMedia", ...asked.payload }),
      link: (asked) => execute(asked, { _tag: "ReportLink", ...asked.payload }),
      startRecording: (asked) => execute(asked, { _tag: "StartRecording" }),
      stopRecording: (asked) => execute(asked, { _tag: "StopRecording" }),
      active: Effect.fn(function*() {
        const { user } = yield* CurrentSession
        return { items: (yield* calls.openCallsOf(user.id)).map(viewOf) }
      }),
      history: Effect.fn(function*({ query: { cursor, limit = defaultPageSize, ...filter } }) {
        const { user } = yield* CurrentSession
        const found = yield* calls.history(user.id, filter, { after: cursor, limit: limit + 1 })
        const page = found.slice(0, limit)
        const last = page.at(-1)?.call
        const items = page.map(({ call, self }) => summaryOf(call, self))
        if (found.length <= limit || last === undefined) return { items }
        return { items, nextCursor: { initiatedAt: last.initiatedAt, callId: last.id } }
      }),
      iceServers: () => Effect.succeed({ iceServers: stunUrls.length === 0 ? [] : [{ urls: stunUrls }] })
    }))
  })
)
