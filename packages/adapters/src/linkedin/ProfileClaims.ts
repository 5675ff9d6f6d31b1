/**
 * Converts the claims of LinkedIn to a profile. An invalid or too long claim is cut or left out, because such a claim
 * should prevent no sign-in. Only the subject has to be valid.
 */
import { LinkedInProfile } from "@dchat/domain/identity"
import { Option, Predicate, Schema } from "effect"

/** As many whole code points as fit into so many UTF-16 code units. */
const cut = (text: string, length: number): string => {
  let kept = ""
  for (const character of text) {
    if (kept.length + character.length > length) break
    kept += character
  }
  return kept
}

/** One line of well-formed text. */
const lineOf = (value: unknown): string =>
  Predicate.isString(value) ? value.toWellFormed().replace(/\p{Cc}+/gu, " ").trim() : ""

const nameOf = (claims: Readonly<Record<string, unknown>>): string =>
  cut(lineOf(claims["name"]) || `${lineOf(claims["given_name"])} ${lineOf(claims["family_name"])}`.trim(), 300)

const emailOf = (value: unknown): string | undefined => {
  const email = lineOf(value)
  return email.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(email) ? email : undefined
}

const pictureOf = (value: unknown): string | undefined => {
  if (!Predicate.isString(value) || !URL.canParse(value)) return undefined
  const { href, protocol } = new URL(value)
  return (protocol === "https:" || protocol === "http:") && href.length <= 2048 ? href : undefined
}

/** LinkedIn's own form of a locale (OpenID Connect Core 1.0, 5.1, has a BCP 47 tag instead). */
const CountryAndLanguage = Schema.Struct({ country: Schema.String, language: Schema.String })

const localeOf = (value: unknown): string | undefined => {
  const tag = Predicate.isString(value)
    ? Option.some(value)
    : Option.map(
      Schema.decodeUnknownOption(CountryAndLanguage)(value),
      ({ country, language }) => `${language}-${country}`
    )
  return Option.getOrUndefined(
    Option.flatMap(tag, Option.liftThrowable((tag) => new Intl.Locale(tag.replaceAll("_", "-")).toString())).pipe(
      Option.filter(({ length }) => length <= 35)
    )
  )
}

/** The profile in the claims; none where the claims contain no subject that identifies the user. */
export const profileOf = (claims: Readonly<Record<string, unknown>>): Option.Option<LinkedInProfile> => {
  const email = emailOf(claims["email"])
  const picture = pictureOf(claims["picture"])
  const locale = localeOf(claims["locale"])
  return Schema.decodeUnknownOption(LinkedInProfile)({
    subject: claims["sub"],
    name: nameOf(claims),
    ...(email === undefined ? {} : { email }),
    // LinkedIn writes it as a string in ID tokens.
    emailVerified: email !== undefined && (claims["email_verified"] === true || claims["email_verified"] === "true"),
    ...(picture === undefined ? {} : { picture }),
    ...(locale === undefined ? {} : { locale })
  })
}
