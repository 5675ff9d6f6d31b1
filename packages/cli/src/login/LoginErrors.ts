/**
 * The errors of signing in at a host, and of requests as the signed-in user. Each error is printed in one line. None of
 * them contains a token or a code.
 */
import { Schema } from "effect"

/** No user is signed in on this machine. */
export class NotSignedIn extends Schema.TaggedError<NotSignedIn>()("NotSignedIn", {}) {
  override get message() {
    return "you are not signed in: run `dchat login`"
  }
}

/** The stored session of this machine has ended. */
export class LoginEnded extends Schema.TaggedError<LoginEnded>()("LoginEnded", { url: Schema.String }) {
  override get message() {
    return `the session at ${this.url} has ended: run \`dchat login\``
  }
}

/** The file of the login cannot be read or written. */
export class LoginFileUnusable extends Schema.TaggedError<LoginFileUnusable>()("LoginFileUnusable", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.path} cannot be used: ${this.detail}`
  }
}

/** dchat cannot listen for the redirect of the browser. */
export class ListenerUnavailable extends Schema.TaggedError<ListenerUnavailable>()("ListenerUnavailable", {
  detail: Schema.String
}) {
  override get message() {
    return `dchat cannot listen on a port of 127.0.0.1: ${this.detail}`
  }
}

/** The redirect of the browser has an error (RFC 6749, 4.1.2.1). */
export class SignInRefused extends Schema.TaggedError<SignInRefused>()("SignInRefused", { code: Schema.String }) {
  override get message() {
    return `the host refused the sign-in: ${this.code}`
  }
}

/** The browser was not redirected in time. */
export class SignInTimedOut extends Schema.TaggedError<SignInTimedOut>()("SignInTimedOut", { minutes: Schema.Finite }) {
  override get message() {
    return `the sign-in was not finished within ${this.minutes} minutes: run \`dchat login\` again`
  }
}

/** The host does not answer, or refuses the request. */
export class HostRefused extends Schema.TaggedError<HostRefused>()("HostRefused", {
  url: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.url} ${this.detail}`
  }
}
