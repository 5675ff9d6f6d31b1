/**
 * Adds the fields of RFC 6749, 5.1 that LinkedIn's token answers lack, before oauth4webapi reads them.
 */
import { Option, Predicate, Schema } from "effect"

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

/** An access token without a type can only be a bearer token: nothing else was asked for. */
const withType = (answer: object): object => {
  const type = "token_type" in answer ? answer.token_type : undefined
  return type === undefined || type === null || type === "" ? { ...answer, token_type: "Bearer" } : answer
}

/** A life that is no number of seconds is not known. */
const withoutOddLife = (answer: object): object => {
  if (!("expires_in" in answer)) return answer
  const { expires_in: life, ...rest } = answer
  const seconds = Predicate.isString(life) ? Number.parseFloat(life) : life
  return Predicate.isNumber(seconds) && Number.isFinite(seconds) && seconds > 0 ? answer : rest
}

/** The same answer; another one only where it is JSON of success. Its body has been bounded before. */
export const withoutQuirks = async (response: Response): Promise<Response> => {
  if (!response.ok) return response
  const text = await response.text()
  const answer = decode(text)
  const body = Option.isSome(answer) && Predicate.isObject(answer.value)
    ? JSON.stringify(withoutOddLife(withType(answer.value)))
    : text
  return new Response(body, { status: response.status, headers: response.headers })
}
