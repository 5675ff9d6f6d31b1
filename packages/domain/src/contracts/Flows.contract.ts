import { assert, layer } from "@effect/vitest"
import { type DateTime, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  ChainId,
  CodeChallenge,
  LinkedInSubject,
  type MergeTicket,
  MergeTicketRepository,
  type NativeCode,
  NativeCodeRepository,
  type NativeFlow,
  NativeFlowId,
  NativeFlowRepository,
  type OAuthFlow,
  OAuthFlowId,
  OAuthFlowRepository,
  type SiweNonce,
  SiweNonceId,
  SiweNonceRepository
} from "../identity/index.ts"
import { singleUseContract } from "./SingleUse.contract.ts"
import { application, noon, someAddress, someHash, someSessionId, someUserId } from "./support/identityFixtures.ts"

const codeChallenge = CodeChallenge.make("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")

const someOAuthFlow = (expiresAt: DateTime.Utc): OAuthFlow => ({
  id: OAuthFlowId.make(SecureRandom.uuidV7Unsafe()),
  purpose: "link",
  cookieHash: someHash(),
  sessionId: someSessionId(),
  userId: someUserId(),
  generation: 2,
  nextTokenHash: someHash(),
  returnTo: "/account?tab='wallets'&name=ümläut#here",
  nativeFlowId: NativeFlowId.make(SecureRandom.uuidV7Unsafe()),
  expiresAt
})

const someNativeFlow = (expiresAt: DateTime.Utc): NativeFlow => ({
  id: NativeFlowId.make(SecureRandom.uuidV7Unsafe()),
  cookieHash: someHash(),
  redirectUri: "http://[::1]:4711/callback",
  codeChallenge,
  state: "a state & more=1 % \\ '",
  expiresAt
})

const someNativeCode = (expiresAt: DateTime.Utc): NativeCode => ({
  hash: someHash(),
  userId: someUserId(),
  proved: { _tag: "Account", clientId: application, subject: LinkedInSubject.make("a-subject") },
  provedAt: noon,
  redirectUri: "http://127.0.0.1:4711/callback",
  codeChallenge,
  expiresAt
})

const someMergeTicket = (expiresAt: DateTime.Utc): MergeTicket => ({
  hash: someHash(),
  sessionId: someSessionId(),
  generation: 3,
  survivor: someUserId(),
  absorbed: someUserId(),
  proved: { _tag: "Wallet", kind: "contract", chainId: ChainId.make(10), address: someAddress() },
  expiresAt
})

const someLinkingNonce = (expiresAt: DateTime.Utc): SiweNonce => ({
  id: SiweNonceId.make(SecureRandom.uuidV7Unsafe()),
  purpose: "link",
  sessionId: someSessionId(),
  userId: someUserId(),
  address: someAddress(),
  chainId: ChainId.make(1),
  message: "a message",
  issuedAt: noon,
  expiresAt
})

type Ports =
  | OAuthFlowRepository
  | NativeFlowRepository
  | NativeCodeRepository
  | MergeTicketRepository
  | SiweNonceRepository

/** The contract of the repositories of flows, codes and tickets, for every implementation. */
export const flowsContract = <E>(name: string, subject: Layer.Layer<Ports, E>) => {
  singleUseContract(`OAuthFlowRepository ${name}`, subject, {
    some: someOAuthFlow,
    idOf: ({ id }) => id,
    keep: (flow) => Effect.flatMap(OAuthFlowRepository, (flows) => flows.insert(flow)),
    consume: (id) => Effect.flatMap(OAuthFlowRepository, (flows) => flows.consume(id)),
    purge: (now, limit) => Effect.flatMap(OAuthFlowRepository, (flows) => flows.purge(now, limit))
  })

  singleUseContract(`NativeFlowRepository ${name}`, subject, {
    some: someNativeFlow,
    idOf: ({ id }) => id,
    keep: (flow) => Effect.flatMap(NativeFlowRepository, (flows) => flows.insert(flow)),
    consume: (id) => Effect.flatMap(NativeFlowRepository, (flows) => flows.consume(id)),
    purge: (now, limit) => Effect.flatMap(NativeFlowRepository, (flows) => flows.purge(now, limit))
  })

  singleUseContract(`NativeCodeRepository ${name}`, subject, {
    some: someNativeCode,
    idOf: ({ hash }) => hash,
    keep: (code) => Effect.flatMap(NativeCodeRepository, (codes) => codes.insert(code)),
    consume: (hash) => Effect.flatMap(NativeCodeRepository, (codes) => codes.consume(hash)),
    purge: (now, limit) => Effect.flatMap(NativeCodeRepository, (codes) => codes.purge(now, limit))
  })

  singleUseContract(`MergeTicketRepository ${name}`, subject, {
    some: someMergeTicket,
    idOf: ({ hash }) => hash,
    keep: (ticket) => Effect.flatMap(MergeTicketRepository, (tickets) => tickets.put(ticket)),
    consume: (hash) => Effect.flatMap(MergeTicketRepository, (tickets) => tickets.consume(hash)),
    purge: (now, limit) => Effect.flatMap(MergeTicketRepository, (tickets) => tickets.purge(now, limit))
  })

  layer(subject)(`Flows and tickets ${name}`, (it) => {
    it.effect("find a flow any number of times until it is consumed", () =>
      Effect.gen(function*() {
        const oauth = yield* OAuthFlowRepository
        const native = yield* NativeFlowRepository
        const [flow, other] = [someOAuthFlow(noon), someNativeFlow(noon)]
        yield* oauth.insert(flow)
        yield* native.insert(other)
        const codes = yield* NativeCodeRepository
        const code = someNativeCode(noon)
        yield* codes.insert(code)
        for (const _ of [1, 2]) {
          assert.deepStrictEqual(yield* oauth.find(flow.id), Option.some({ ...flow, state: "waiting" as const }))
          assert.deepStrictEqual(yield* native.find(other.id), Option.some(other))
          assert.deepStrictEqual(yield* codes.find(code.hash), Option.some(code))
        }
        yield* native.consume(other.id)
        yield* codes.consume(code.hash)
        assert.deepStrictEqual(yield* native.find(other.id), Option.none())
        assert.deepStrictEqual(yield* codes.find(code.hash), Option.none())
      }))

    it.effect("know of a flow at LinkedIn how it ended, until it is purged", () =>
      Effect.gen(function*() {
        const flows = yield* OAuthFlowRepository
        const [well, badly] = [someOAuthFlow(noon), someOAuthFlow(noon)]
        const failure = "linkedin_denied"
        const [finishedBy, another] = [someSessionId(), someSessionId()]
        for (const flow of [well, badly]) {
          yield* flows.insert(flow)
          yield* flows.finish(flow.id, { finishedBy: another })
          assert.deepStrictEqual(yield* flows.find(flow.id), Option.some({ ...flow, state: "waiting" as const }))
          yield* flows.consume(flow.id)
          assert.deepStrictEqual(yield* flows.find(flow.id), Option.some({ ...flow, state: "taken" as const }))
        }
        yield* flows.finish(well.id, { finishedBy })
        yield* flows.finish(badly.id, { failure })
        const over = { state: "over" as const }
        for (const { id } of [well, badly]) {
          yield* flows.finish(id, { finishedBy: another })
          assert.deepStrictEqual(yield* flows.consume(id), Option.none())
          yield* flows.voidOf([well, badly].flatMap(({ userId }) => userId ?? []))
        }
        assert.deepStrictEqual(yield* flows.find(well.id), Option.some({ ...well, ...over, finishedBy }))
        assert.deepStrictEqual(yield* flows.find(badly.id), Option.some({ ...badly, ...over, failure }))
        yield* flows.finish(someOAuthFlow(noon).id, { finishedBy })
      }))

    it.effect("keep a flow that is for signing in, with no session and no application", () =>
      Effect.gen(function*() {
        const flows = yield* OAuthFlowRepository
        const { generation: _4, nativeFlowId: _1, nextTokenHash: _5, sessionId: _2, userId: _3, ...rest } =
          someOAuthFlow(noon)
        const flow: OAuthFlow = { ...rest, purpose: "login" }
        yield* flows.insert(flow)
        assert.deepStrictEqual(yield* flows.find(flow.id), Option.some({ ...flow, state: "waiting" as const }))
      }))

    it.effect("void all of some people, and nothing of anybody else", () =>
      Effect.gen(function*() {
        const [oauth, codes, tickets, nonces] = [
          yield* OAuthFlowRepository,
          yield* NativeCodeRepository,
          yield* MergeTicketRepository,
          yield* SiweNonceRepository
        ]
        const records = {
          flow: someOAuthFlow(noon),
          code: someNativeCode(noon),
          ticket: someMergeTicket(noon),
          nonce: someLinkingNonce(noon)
        }
        const { generation: _4, nativeFlowId: _1, nextTokenHash: _5, sessionId: _2, userId: _3, ...login } =
          someOAuthFlow(noon)
        const kept = {
          login: { ...login, purpose: "login" as const },
          flow: someOAuthFlow(noon),
          code: someNativeCode(noon),
          ticket: someMergeTicket(noon),
          nonce: someLinkingNonce(noon)
        }
        const absorbing = someMergeTicket(noon)
        yield* oauth.insert(kept.login)
        yield* tickets.put(absorbing)
        for (const { code, flow, nonce, ticket } of [records, kept]) {
          yield* oauth.insert(flow)
          yield* codes.insert(code)
          yield* tickets.put(ticket)
          yield* nonces.insert(nonce)
        }
        const people = [records.flow, records.code, records.nonce].flatMap(({ userId }) => userId ?? [])
        for (const repository of [oauth, codes, tickets, nonces]) {
          yield* repository.voidOf([...people, records.ticket.absorbed, absorbing.survivor])
          yield* repository.voidOf([])
        }
        assert.deepStrictEqual(yield* oauth.consume(records.flow.id), Option.none())
        assert.deepStrictEqual(yield* codes.consume(records.code.hash), Option.none())
        assert.deepStrictEqual(yield* tickets.consume(records.ticket.hash), Option.none())
        assert.deepStrictEqual(yield* tickets.consume(absorbing.hash), Option.none())
        assert.deepStrictEqual(yield* nonces.consume(records.nonce.id), Option.none())
        assert.deepStrictEqual(yield* oauth.consume(kept.login.id), Option.some(kept.login))
        assert.deepStrictEqual(yield* oauth.consume(kept.flow.id), Option.some(kept.flow))
        assert.deepStrictEqual(yield* codes.consume(kept.code.hash), Option.some(kept.code))
        assert.deepStrictEqual(yield* tickets.consume(kept.ticket.hash), Option.some(kept.ticket))
        assert.deepStrictEqual(yield* nonces.consume(kept.nonce.id), Option.some(kept.nonce))
      }))

    it.effect("keep one ticket a session: the last one", () =>
      Effect.gen(function*() {
        const tickets = yield* MergeTicketRepository
        const first = someMergeTicket(noon)
        const second = { ...someMergeTicket(noon), sessionId: first.sessionId }
        const other = someMergeTicket(noon)
        for (const ticket of [first, other, second]) yield* tickets.put(ticket)
        assert.deepStrictEqual(yield* tickets.consume(first.hash), Option.none())
        assert.deepStrictEqual(yield* tickets.ofSession(first.sessionId), Option.some(second))
        assert.deepStrictEqual(yield* tickets.consume(second.hash), Option.some(second))
        assert.deepStrictEqual(yield* tickets.ofSession(first.sessionId), Option.none())
        assert.deepStrictEqual(yield* tickets.ofSession(other.sessionId), Option.some(other))
      }))
  })
}
