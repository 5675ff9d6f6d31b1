/**
 * The page on which a user of a demo chooses an account. It works without scripts.
 */
import type { Person } from "./Person.ts"

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `
  :root { color-scheme: light dark; --ink: #1c2126; --soft: #59636e; --line: #8b949e; --paper: #fff; --back: #f3f4f6;
    --accent: #7a3e00; --note: #fff1d6; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #eceff2; --soft: #aab4be; --line: #6b7580; --paper: #1b1f24; --back: #101317; --accent: #ffb866;
      --note: #3a2a10; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; padding: 1.5rem 1rem; background: var(--back); color: var(--ink);
    font: 1rem/1.5 system-ui, sans-serif; }
  main { max-width: 30rem; margin: 0 auto; padding: 1.5rem; background: var(--paper); border: 1px solid var(--line);
    border-radius: .75rem; overflow-wrap: anywhere; }
  h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }
  h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
  .note { margin: 0 0 1rem; padding: .75rem 1rem; background: var(--note); border-left: .3rem solid var(--accent); }
  ul { margin: 0; padding: 0; list-style: none; }
  button, input[type=text], input[type=email] { width: 100%; min-height: 2.75rem; padding: .55rem .8rem; font: inherit;
    color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .5rem; }
  button { cursor: pointer; text-align: start; }
  li + li, label + label { margin-top: .5rem; }
  button:hover { border-color: var(--accent); }
  button.act { margin-top: .75rem; text-align: center; font-weight: 600; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  small { display: block; color: var(--soft); }
  label { display: block; }
  label.check { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; }
  .error { color: var(--accent); font-weight: 600; }
`

const page = (title: string, content: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`

const disclaimer =
  `<p class="note"><strong>This is not LinkedIn.</strong> This page is a simulation on this computer, for tests and
demos. There are no passwords, and no data leaves this computer.</p>`

const addressOf = ({ email, emailVerified }: Person): string =>
  email === undefined
    ? "no e-mail address"
    : emailVerified === true
    ? email
    : `${email} (not verified)`

const personButton = (person: Person): string =>
  `<li><button name="person" value="${escaped(person.subject)}" data-testid="person-${escaped(person.subject)}">` +
  `${escaped(person.name)}<small>${escaped(addressOf(person))}</small></button></li>`

export interface SignIn {
  readonly application: string
  readonly people: ReadonlyArray<Person>
  readonly error?: string
}

/** Posts to its own URL: `person`, or `new` with `name`, `email` and `verified`, or `cancel`. */
export const signIn = ({ application, error, people }: SignIn): string =>
  page(
    "Choose a test user - simulated LinkedIn",
    `<h1>Sign in to ${escaped(application)} with the simulated LinkedIn</h1>
${disclaimer}
${error === undefined ? "" : `<p class="error" role="alert" data-testid="error">${escaped(error)}</p>`}
<p>The application receives the name, the e-mail address and the picture of the chosen user.</p>
<form method="post">
<h2 id="people">Choose a test user</h2>
<ul aria-labelledby="people">
${people.map(personButton).join("\n")}
</ul>
</form>
<form method="post">
<h2>Or create a test user</h2>
<label>Name<input type="text" name="name" required maxlength="300" autocomplete="off" data-testid="new-name"></label>
<label>E-mail address (optional)<input type="email" name="email" maxlength="320" autocomplete="off"
 data-testid="new-email"></label>
<label class="check"><input type="checkbox" name="verified" value="yes" checked data-testid="new-verified">
The address is verified</label>
<button class="act" name="new" value="yes" data-testid="new-person">Continue as this user</button>
</form>
<form method="post">
<button class="act" name="cancel" value="login" data-testid="cancel">Cancel</button>
</form>`
  )

/** Nothing can go on from here. */
export const failure = (message: string): string =>
  page("Sign-in failed - simulated LinkedIn", `<h1>Sign-in failed</h1>\n${disclaimer}\n<p>${escaped(message)}</p>`)
