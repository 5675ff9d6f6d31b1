import { assert, describe, it } from "@effect/vitest"
import { Exit, Schema } from "effect"
import type { HttpApiEndpoint } from "effect/http-api"
import { Api } from "../src/api/Api.ts"
import { apiDocument } from "../src/api/docs/ApiDocument.ts"
import { groups, operations as texts } from "../src/api/docs/operations/index.ts"
import { schemas as schemaTexts } from "../src/api/docs/schemas/index.ts"
import type { JsonSchema, MediaType, Operation, Response } from "../src/api/docs/transform/Document.ts"
import { pascal } from "../src/api/docs/transform/ProblemSchemas.ts"

/** Bytes of the document as it is served, before it is compressed. */
const maxBytes = 600_000

const document = apiDocument({ publicUrl: "https://chat.example.com" })
const { components } = document

const operations: ReadonlyArray<Operation> = Object.values(document.paths).flatMap((path) => Object.values(path))

type Codec = Schema.Codec<unknown, unknown>

const contract: ReadonlyMap<string, HttpApiEndpoint.Top> = new Map(
  Object.values(Api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint) => [`${group.identifier}.${endpoint.identifier}`, endpoint] as const)
  )
)

const endpointOf = ({ operationId }: Operation) => {
  const endpoint = contract.get(operationId)
  assert.isDefined(endpoint, operationId)
  return endpoint!
}

/** The errors of an endpoint and of what stands before it. */
const errorsOf = ({ error, middlewares }: HttpApiEndpoint.Top): ReadonlyArray<unknown> => {
  const before = [...middlewares as ReadonlySet<unknown>] as ReadonlyArray<{ readonly error: ReadonlySet<unknown> }>
  return [...error, ...before.flatMap((middleware) => Array.from(middleware.error))]
}

const decodes = (schemas: Iterable<unknown>, value: unknown) =>
  [...schemas].some((schema) =>
    Exit.isSuccess(
      Schema.decodeUnknownExit(Schema.toCodecJson(schema as Codec), { onExcessProperty: "error" })(value)
    )
  )

const exampleOf = ({ examples }: MediaType) => examples?.["example"]?.value

const resolve = (pointer: string): unknown =>
  pointer.slice(2).split("/").reduce<unknown>(
    (value, part) => (value as Record<string, unknown> | undefined)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")],
    document
  )

/** Every object of the document, with the way to it. */
const objectsOf = function*(value: unknown, path = "#"): Generator<readonly [string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>]
  for (const [name, member] of Object.entries(value)) yield* objectsOf(member, `${path}/${name}`)
}

const objects = [...objectsOf(document)]

const successesOf = (operation: Operation) =>
  Object.entries(operation.responses).flatMap(([status, response]) =>
    Number(status) < 400 && !("$ref" in response) ? [[Number(status), response] as const] : []
  )

/** Schemas that are written out where they are used. */
const inlineSchemas = operations.flatMap((operation) => [
  ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => [operation.operationId, schema] as const),
  ...successesOf(operation).flatMap(([, { content }]) =>
    Object.values(content ?? {}).map(({ schema }) => [operation.operationId, schema] as const)
  )
])

const undescribed = (name: string, { properties = {} }: JsonSchema) =>
  Object.entries(properties).flatMap(([member, { description }]) =>
    description === undefined ? [`${name}.${member}`] : []
  )

/** Codes of problems that the host answers before it chooses an operation. */
const unchosen: ReadonlySet<string> = new Set([
  "bad_request",
  "not_found",
  "method_not_allowed",
  "request_timeout",
  "uri_too_long",
  "expectation_failed",
  "host_not_allowed",
  "headers_too_large"
])

describe("The description of the API", () => {
  it("has a summary, a description and a group with a description for every operation", () => {
    assert.strictEqual(operations.length, contract.size)
    for (const { description, operationId, summary, tags } of operations) {
      assert.match(summary ?? "", /^[A-Z][^.]{5,60}$/, operationId)
      assert.match(description ?? "", /^[A-Z`].*\.$/su, operationId)
      for (const tag of tags) assert.match(groups[tag] ?? "", /\.$/, tag)
    }
    assert.sameMembers(document.tags.map(({ name }) => name), Object.keys(groups))
    assert.sameMembers([...contract.keys()], Object.keys(texts))
  })

  it("names every operation once", () => {
    const ids = operations.map(({ operationId }) => operationId)
    assert.deepStrictEqual(ids, [...new Set(ids)])
    const summaries = operations.map(({ summary }) => summary)
    assert.deepStrictEqual(summaries, [...new Set(summaries)])
  })

  it("has a body and an answer of every status as an example that the contract decodes", () => {
    for (const operation of operations) {
      const endpoint = endpointOf(operation)
      const bodies = [...endpoint.payload.values()].flatMap(({ schemas }) => schemas)
      for (const media of Object.values(operation.requestBody?.content ?? {})) {
        const example = exampleOf(media)
        assert.isTrue(decodes(bodies, example), `${operation.operationId}: ${JSON.stringify(example)}`)
      }
      for (const [status, { content = {} }] of successesOf(operation)) {
        for (const media of Object.values(content)) {
          const example = exampleOf(media)
          const answer = `${operation.operationId} ${status}: ${JSON.stringify(example)}`
          assert.isTrue(decodes(endpoint.success, example), answer)
        }
      }
    }
  })

  it("has an example of every problem that the contract decodes", () => {
    const errors = new Set([...contract.values()].flatMap(errorsOf))
    const declared = new Set(operations.flatMap(({ responses }) => Object.keys(responses)))
    assert.includeMembers([...declared], ["400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"])
    for (const [name, schema] of Object.entries(components.schemas)) {
      if (!name.endsWith("Problem")) continue
      const { code } = (schema["examples"] as ReadonlyArray<{ readonly code: string }>)[0] ?? { code: "" }
      if (unchosen.has(code)) continue
      for (const example of schema["examples"] as ReadonlyArray<unknown>) {
        assert.isTrue(decodes(errors, example), `${name}: ${JSON.stringify(example)}`)
      }
    }
  })

  it("describes every parameter and every member of every object", () => {
    for (const { operationId, parameters } of operations) {
      for (const { description, name } of parameters) assert.isDefined(description, `${operationId} ${name}`)
    }
    const missing = [
      ...Object.entries(components.schemas).flatMap(([name, schema]) => undescribed(name, schema)),
      ...inlineSchemas.flatMap(([name, schema]) => undescribed(name, schema))
    ]
    assert.deepStrictEqual(missing, [])
    for (const [name, { description }] of Object.entries(components.schemas)) assert.isDefined(description, name)
  })

  it("has no text for a member that does not exist", () => {
    assert.includeMembers(Object.keys(components.schemas), Object.keys(schemaTexts))
    for (const [name, { fields = {} }] of Object.entries(schemaTexts)) {
      if (name.endsWith("Event")) continue
      assert.sameMembers(Object.keys(fields), Object.keys(components.schemas[name]?.properties ?? {}), name)
    }
    for (const operation of operations) {
      const docs = texts[operation.operationId]
      const statuses = successesOf(operation).map(([status]) => status)
      assert.sameMembers(Object.keys(docs?.answers ?? {}).map(Number), statuses, operation.operationId)
      const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
      assert.sameMembers(
        Object.keys(docs?.body?.fields ?? {}),
        Object.keys(body?.properties ?? {}),
        operation.operationId
      )
    }
  })

  it("resolves every reference, and refers to every component", () => {
    const refs = objects.flatMap(([, { $ref }]) => typeof $ref === "string" ? [$ref] : [])
    for (const ref of refs) assert.isDefined(resolve(ref), ref)
    for (const part of ["schemas", "headers"] as const) {
      const names = Object.keys(components[part] ?? {}).map((name) => `#/components/${part}/${name}`)
      assert.includeMembers(refs, names)
    }
    const responses = Object.entries(components.responses ?? {})
    const unused = responses.filter(([name]) => !refs.includes(`#/components/responses/${name}`))
    const codes = unused.map(([, { content = {} }]) => Object.values(content)[0]?.schema.$ref)
    assert.sameMembers(codes, [...unchosen].map((code) => `#/components/schemas/${pascal(code)}Problem`))
    const schemes = operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one)))
    assert.sameMembers([...new Set(schemes)], Object.keys(components.securitySchemes))
  })

  it("has readable names, and distinguishes the members of a union", () => {
    for (const name of Object.keys(components.schemas)) assert.match(name, /^[A-Z][A-Za-z0-9]+$/, name)
    for (const [path, { anyOf, discriminator, oneOf }] of objects) {
      if (oneOf !== undefined) assert.isDefined(discriminator, path)
      const all = (anyOf ?? []) as ReadonlyArray<JsonSchema>
      assert.isBelow(all.filter(({ $ref }) => $ref !== undefined).length, 2, `${path} cannot be told apart`)
    }
  })

  it("declares for every operation the answers of a host in trouble, and when to repeat the request", () => {
    for (const { operationId, responses } of operations) {
      for (const [status, answer] of Object.entries(responses)) {
        const response = ("$ref" in answer ? resolve(answer.$ref) : answer) as Response
        assert.property(response.headers, "X-Request-Id", operationId)
        if (status === "429" || status === "503") assert.property(response.headers, "Retry-After", operationId)
        if (status === "429") assert.property(response.headers, "RateLimit", operationId)
      }
      assert.property(responses, "503", operationId)
      const unavailable = JSON.stringify(responses["503"])
      assert.match(unavailable, /components\/responses\/Unavailable|DatabaseUnavailableProblem/, operationId)
    }
  })

  it("declares no answer that an operation cannot have", () => {
    const answersOf = (id: string) =>
      Object.keys(operations.find(({ operationId }) => operationId === id)?.responses ?? {})
    // Reading has no body, acts for no page of another origin, and goes on with a token that was replaced.
    assert.deepStrictEqual(answersOf("auth.me"), ["200", "400", "401", "429", "500", "503"])
    // Where reading does something, the newest token is needed.
    assert.deepStrictEqual(answersOf("auth.pendingMerge"), ["200", "400", "401", "404", "409", "429", "500", "503"])
    // Load balancers are not counted.
    assert.deepStrictEqual(answersOf("operations.alive"), ["200", "400", "500", "503"])
  })

  it("is small enough for a browser to show at once", () => {
    assert.isBelow(Buffer.byteLength(JSON.stringify(document)), maxBytes)
    assert.isBelow(JSON.stringify(document).split("\"anyOf\"").length, 10)
  })

  it("names the URL of the API, the license, and how requests prove their sender", () => {
    assert.deepStrictEqual(document.servers, [{ url: "https://chat.example.com" }])
    assert.deepStrictEqual(apiDocument().servers, [{ url: "/" }])
    assert.deepInclude(document.info, { title: "dchat", license: { name: "MIT", identifier: "MIT" } })
    const securityOf = (id: string) => operations.find(({ operationId }) => operationId === id)?.security
    assert.deepStrictEqual(securityOf("calls.get"), [{ bearer: [] }, { session: [] }])
    assert.deepStrictEqual(securityOf("wallets.verify"), [{}, { bearer: [] }, { session: [] }])
    assert.deepStrictEqual(securityOf("subscriptions.usage"), [{ serviceKey: [] }])
    assert.deepStrictEqual(securityOf("subscriptions.plans"), [])
  })
})
