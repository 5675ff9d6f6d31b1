import { assert, describe, it } from "@effect/vitest"
import { Result, Schema, SchemaAST } from "effect"
import { Api } from "../src/api/Api.ts"
import { clientFrames } from "../src/api/RealtimeFrames.ts"

/** Text that PostgreSQL cannot store. */
const texts = ["a\0b", "a\ud800b", "\udc00"]

/** Times beyond timestamptz, or beyond what it is written as. */
const times = [
  "-271821-04-20T00:00:00.000Z",
  "-005000-01-01T00:00:00.000Z",
  "+010000-01-01T00:00:00.000Z",
  "+275760-09-13T00:00:00.000Z"
]

interface Place {
  readonly path: string
  readonly ast: SchemaAST.AST
}

const isText = (value: unknown) => typeof value === "string" && texts.includes(value)

const isTime = (value: unknown) => value !== null && typeof value === "object"

/** The values that a place takes, of those that it may not take. */
const taken = ({ ast }: Place, values: ReadonlyArray<string>, isTaken: (value: unknown) => boolean) =>
  values.filter((value) => {
    const decoded = Schema.decodeUnknownResult(Schema.make<Schema.Decoder<unknown>>(ast))(value)
    return Result.isSuccess(decoded) && isTaken(decoded.success)
  })

const holdsMore = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isUnion(ast) ? ast.types.some(holdsMore) : SchemaAST.isArrays(ast) || SchemaAST.isObjects(ast)

/** Every place of a schema at which a value stands: members, keys and elements, at any depth. */
const placesIn = (path: string, ast: SchemaAST.AST): ReadonlyArray<Place> => {
  if (ast.encoding === undefined) {
    if (SchemaAST.isUnion(ast)) return ast.types.flatMap((member) => placesIn(path, member))
    if (SchemaAST.isArrays(ast)) {
      return [...ast.elements, ...ast.rest].flatMap((element) => placesIn(`${path}[]`, element))
    }
    if (SchemaAST.isObjects(ast)) {
      return [
        ...ast.propertySignatures.flatMap(({ name, type }) => placesIn(`${path}.${String(name)}`, type)),
        ...ast.indexSignatures.flatMap(({ parameter, type }) => [
          ...placesIn(`${path}{}`, parameter),
          ...placesIn(`${path}{}`, type)
        ])
      ]
    }
  }
  const inside = holdsMore(SchemaAST.toEncoded(ast)) ? ast.encoding ?? [] : []
  return [{ path, ast }, ...inside.flatMap(({ to }) => placesIn(path, to))]
}

interface Endpoint {
  readonly identifier: string
  readonly params?: unknown
  readonly query?: unknown
  readonly headers?: unknown
  readonly payload: ReadonlyMap<string, { readonly schemas: ReadonlyArray<unknown> }>
}

const partsOf = ({ headers, params, payload, query }: Endpoint): ReadonlyArray<readonly [string, unknown]> => {
  const bodies = [...payload.values()].flatMap(({ schemas }) => schemas)
  return [
    ["params", params] as const,
    ["query", query] as const,
    ["headers", headers] as const,
    ...bodies.map((schema) => ["body", schema] as const)
  ]
}

const inRequests = Object.values(Api.groups).flatMap((group) =>
  Object.values<Endpoint>(group.endpoints).flatMap((endpoint) =>
    partsOf(endpoint).flatMap(([part, schema]) =>
      Schema.isSchema(schema) ? placesIn(`${group.identifier}.${endpoint.identifier} ${part}`, schema.ast) : []
    )
  )
)

const inFrames = [...clientFrames].flatMap(([type, frame]) => Schema.isSchema(frame) ? placesIn(type, frame.ast) : [])

const places = inRequests.concat(inFrames)

describe("The input of the contract", () => {
  it("is checked in every request", () => {
    const paths = new Set(places.map(({ path }) => path))
    for (
      const path of [
        "auth.editProfile body.displayName",
        "calls.candidates body.candidates[].usernameFragment",
        "calls.history query.from",
        "subscriptions.pricing params.tier",
        "hello.capabilities[]",
        "hello.resume{}",
        "call.candidates.candidate.sdpMid"
      ]
    ) {
      assert.isTrue(paths.has(path), path)
    }
  })

  it("refuses text that the database cannot store", () => {
    assert.deepStrictEqual(places.filter((place) => taken(place, texts, isText).length > 0).map(({ path }) => path), [])
  })

  it("refuses times that the database cannot store", () => {
    assert.deepStrictEqual(places.filter((place) => taken(place, times, isTime).length > 0).map(({ path }) => path), [])
  })
})
