/**
 * The faults that a test can request from the simulated LinkedIn.
 */
import { Predicate } from "effect"
import { decodeJwt, type JWTPayload, SignJWT, UnsecuredJWT } from "jose"
import { sign, type SigningKey } from "./SigningKeys.ts"

/** The endpoints that can have a fault. */
export type Endpoint = "token" | "userinfo" | "jwks"

export type Json = Readonly<Record<string, unknown>>

/** The material of a forger of answers. */
export interface Forge {
  readonly key: SigningKey
  readonly clientSecret: string
}

export type Fault =
  /** This is answered, whatever was asked. */
  | { readonly _tag: "Answer"; readonly status: number; readonly contentType: string; readonly body: string }
  /** Letters without end, or `bytes` of them, in a JSON object. */
  | { readonly _tag: "Flood"; readonly bytes: number }
  /** Nothing is ever answered. */
  | { readonly _tag: "Hang" }
  /** The body breaks off: the head and a first byte come, the rest never does. */
  | { readonly _tag: "Stall" }
  /** The right answer, but late. */
  | { readonly _tag: "Slow"; readonly milliseconds: number }
  /** The connection is cut before anything is answered. */
  | { readonly _tag: "Cut" }
  /** Changes a valid answer before it is sent. */
  | { readonly _tag: "Alter"; readonly alter: (answer: Json, forge: Forge) => Json | Promise<Json> }

const answer = (status: number, contentType: string, body: string): Fault => ({
  _tag: "Answer",
  status,
  contentType,
  body
})

/** An error as LinkedIn's APIs write it. */
export const linkedInError = (status: number, serviceErrorCode: number, code: string, message: string): Json => ({
  status,
  serviceErrorCode,
  code,
  message
})

export const json = (status: number, body: unknown): Fault => answer(status, "application/json", JSON.stringify(body))

export const html = (status: number): Fault =>
  answer(status, "text/html; charset=utf-8", "<!doctype html><title>Oops</title><h1>Something went wrong</h1>")

/** 302 to somewhere else. */
export const redirect: Fault = answer(302, "text/plain", "https://elsewhere.example.com/")

export const throttled: Fault = json(
  429,
  linkedInError(429, 101, "TOO_MANY_REQUESTS", "Too many requests of this application today.")
)

export const serverError: Fault = json(500, linkedInError(500, 0, "INTERNAL_SERVER_ERROR", "Something went wrong."))

export const hang: Fault = { _tag: "Hang" }
export const stall: Fault = { _tag: "Stall" }
export const cut: Fault = { _tag: "Cut" }
export const slow = (milliseconds: number): Fault => ({ _tag: "Slow", milliseconds })
export const flood = (bytes: number = 5_000_000): Fault => ({ _tag: "Flood", bytes })
export const endless: Fault = { _tag: "Flood", bytes: Number.POSITIVE_INFINITY }

/** Any change of a JSON answer: of its members, those that become `undefined` go. */
export const alter = (change: (answer: Json, forge: Forge) => Json | Promise<Json>): Fault => ({
  _tag: "Alter",
  alter: change
})

/** These members are others. */
export const members = (changes: Json): Fault => alter((body) => ({ ...body, ...changes }))

const idToken = (forged: (token: string, claims: JWTPayload, forge: Forge) => string | Promise<string>): Fault =>
  alter(async (body, forge) => {
    const token = body["id_token"]
    return Predicate.isString(token)
      ? { ...body, id_token: await forged(token, decodeJwt(token), forge) }
      : body
  })

/** The ID token says something else, and LinkedIn's key has signed it. */
export const claims = (changes: Json | ((claims: JWTPayload) => Json)): Fault =>
  idToken((_, claims, { key }) =>
    sign(key, { ...claims, ...(typeof changes === "function" ? changes(claims) : changes) })
  )

/** The ID token says something else than what was signed. */
export const claimsUnsigned = (changes: Json): Fault =>
  idToken((token, claims) => {
    const [header, , signature] = token.split(".")
    return [header, Buffer.from(JSON.stringify({ ...claims, ...changes })).toString("base64url"), signature].join(".")
  })

/** The ID token is as if it had been issued at a clock that is off by so many seconds. */
export const clockOff = (seconds: number): Fault =>
  claims(({ exp = 0, iat = 0 }) => ({ exp: exp + seconds, iat: iat + seconds }))

/** The ID token's end was so many seconds ago. */
export const expired = (seconds: number): Fault =>
  claims(({ exp = 0, iat = 0 }) => ({ exp: iat - seconds, iat: iat - (exp - iat) - seconds }))

export const algorithmNone: Fault = idToken((_, claims) => new UnsecuredJWT(claims).encode())

/** HS256 by the client's secret, which the client has too. */
export const algorithmHs256: Fault = idToken((_, claims, { clientSecret }) =>
  new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(clientSecret))
)

export const badSignature: Fault = idToken((token) => {
  const [header, payload, signature = ""] = token.split(".")
  const bytes = Buffer.from(signature, "base64url")
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return [header, payload, bytes.toString("base64url")].join(".")
})

export const noIdToken: Fault = members({ id_token: undefined })

/** These members of each published key are others. */
export const keyMembers = (changes: Json): Fault =>
  alter((body) => ({
    ...body,
    keys: (body["keys"] as ReadonlyArray<Json>).map((key) => Object.assign({}, key, changes))
  }))

/** The keys do not say what they are for. */
export const keysWithoutUse: Fault = keyMembers({ use: undefined, alg: undefined })
