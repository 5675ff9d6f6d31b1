/**
 * Why an identity operation is refused. None of them holds a token, a signature or a message.
 */
import { Schema } from "effect"
import { UserId } from "./UserId.ts"

/** The sign-in message is unknown, expired, already used or for another purpose. Ask for a new one. */
export class NonceInvalid extends Schema.TaggedError<NonceInvalid>()("NonceInvalid", {}) {
  override get message() {
    return "the sign-in message is unknown, expired or already used"
  }
}

/** The message sent back is not the one that was handed out. */
export class SiweMismatch extends Schema.TaggedError<SiweMismatch>()("SiweMismatch", {}) {
  override get message() {
    return "the signed message is not the one that was issued"
  }
}

/** The signature is malformed, or is not by the wallet that asked to sign in. */
export class SignatureInvalid extends Schema.TaggedError<SignatureInvalid>()("SignatureInvalid", {}) {
  override get message() {
    return "the signature is not a valid one by this wallet"
  }
}

/** The person was disabled by an administrator. */
export class UserDisabled extends Schema.TaggedError<UserDisabled>()("UserDisabled", { userId: UserId }) {
  override get message() {
    return "this user is disabled"
  }
}

/** The session token is malformed, unknown, expired or revoked, or its person is disabled. */
export class SessionInvalid extends Schema.TaggedError<SessionInvalid>()("SessionInvalid", {}) {
  override get message() {
    return "the session is unknown, expired or revoked"
  }
}

/** The realtime ticket is malformed, unknown, expired or already used, or its session has ended. */
export class TicketInvalid extends Schema.TaggedError<TicketInvalid>()("TicketInvalid", {}) {
  override get message() {
    return "the ticket is unknown, expired or already used"
  }
}

/** No active person has this id. */
export class UserNotFound extends Schema.TaggedError<UserNotFound>()("UserNotFound", { userId: UserId }) {
  override get message() {
    return "no such user"
  }
}
