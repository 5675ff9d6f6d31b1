/**
 * The users who have an account at the double.
 */

export interface Person {
  readonly subject: string
  readonly name: string
  readonly givenName?: string
  readonly familyName?: string
  readonly email?: string
  /** Whether LinkedIn would say that the address is theirs. */
  readonly emailVerified?: boolean
  /** URL of a picture. */
  readonly picture?: string
  readonly locale?: { readonly country: string; readonly language: string }
}

/** With an e-mail address, without one, with one that is not verified, and with HTML in the name. */
export const defaultPeople: ReadonlyArray<Person> = [
  {
    subject: "ada",
    name: "Ada Byrne",
    givenName: "Ada",
    familyName: "Byrne",
    email: "ada@example.com",
    emailVerified: true,
    picture: "https://media.example.com/ada.jpg",
    locale: { country: "IE", language: "en" }
  },
  {
    subject: "noe",
    name: "Noé Martins",
    givenName: "Noé",
    familyName: "Martins",
    locale: { country: "PT", language: "pt" }
  },
  {
    subject: "uma",
    name: "Uma Okafor",
    givenName: "Uma",
    familyName: "Okafor",
    email: "uma@example.com",
    emailVerified: false,
    locale: { country: "NG", language: "en" }
  },
  {
    subject: "mal",
    name: "<b onmouseover=\"alert(1)\">Mal</b> & 'friends' <script>alert(2)</script>",
    givenName: "<b onmouseover=\"alert(1)\">Mal</b>",
    familyName: "& 'friends' <script>alert(2)</script>",
    email: "mal@example.com",
    emailVerified: true
  }
]

/** The claims as LinkedIn writes them: the locale is an object. */
export const claimsOf = (person: Person): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries({
      name: person.name,
      given_name: person.givenName,
      family_name: person.familyName,
      picture: person.picture,
      locale: person.locale,
      email: person.email,
      email_verified: person.email === undefined ? undefined : person.emailVerified ?? false
    }).filter(([, value]) => value !== undefined)
  )
