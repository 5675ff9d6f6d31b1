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
    return "the signed message differs from the issued message"
  }
}

/** The signature is malformed, or is not by the wallet that asked to sign in. */
export class SignatureInvalid extends Schema.TaggedError<SignatureInvalid>()("SignatureInvalid", {}) {
  override get message() {
    return "the signature is not valid for this wallet"
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

/**
 * The session goes on under a newer token, which was made a moment ago, maybe at the same time. The one that was sent
 * serves reading only, for `previousTokenLifetime`.
 */
export class TokenReplaced extends Schema.TaggedError<TokenReplaced>()("TokenReplaced", {}) {
  override get message() {
    return "the session token was replaced: repeat the request with the new token"
  }
}

/** The realtime ticket is malformed, unknown, expired or already used, or its session has ended. */
export class TicketInvalid extends Schema.TaggedError<TicketInvalid>()("TicketInvalid", {}) {
  override get message() {
    return "the realtime ticket is unknown, expired or already used"
  }
}

/** No active person has this id. */
export class UserNotFound extends Schema.TaggedError<UserNotFound>()("UserNotFound", { userId: UserId }) {
  override get message() {
    return "no such user"
  }
}

/** The person has to prove again who they are: the last proof is too old for this. */
export class ReauthRequired extends Schema.TaggedError<ReauthRequired>()("ReauthRequired", {}) {
  override get message() {
    return "sign in again to confirm your identity"
  }
}

/** What was proved is not an identity of the person who is signed in. */
export class ReauthMismatch extends Schema.TaggedError<ReauthMismatch>()("ReauthMismatch", {}) {
  override get message() {
    return "this wallet or LinkedIn account does not belong to the signed-in user"
  }
}

/** Without it the person could never sign in again. */
export class LastLoginMethod extends Schema.TaggedError<LastLoginMethod>()("LastLoginMethod", {}) {
  override get message() {
    return "this is the only sign-in method of the user"
  }
}

/** The person has no wallet of this id. */
export class WalletNotFound extends Schema.TaggedError<WalletNotFound>()("WalletNotFound", {}) {
  override get message() {
    return "no such wallet"
  }
}

/** The user has the largest allowed number of wallets. */
export class TooManyWallets extends Schema.TaggedError<TooManyWallets>()("TooManyWallets", { limit: Schema.Int }) {
  override get message() {
    return `a user can link at most ${this.limit} wallets`
  }
}

/** The person has no LinkedIn account linked. */
export class LinkedInNotLinked extends Schema.TaggedError<LinkedInNotLinked>()("LinkedInNotLinked", {}) {
  override get message() {
    return "no LinkedIn account is linked"
  }
}

/** Another LinkedIn account is linked; it has to go first. */
export class LinkedInAlreadyLinked extends Schema.TaggedError<LinkedInAlreadyLinked>()("LinkedInAlreadyLinked", {}) {
  override get message() {
    return "another LinkedIn account is already linked"
  }
}

/** The wallet belongs to somebody else here. Who that is, is not said. */
export class WalletOwnedByOther extends Schema.TaggedError<WalletOwnedByOther>()("WalletOwnedByOther", {}) {
  override get message() {
    return "this wallet belongs to another user"
  }
}

/** The LinkedIn account belongs to somebody else here. Who that is, is not said. */
export class AccountOwnedByOther extends Schema.TaggedError<AccountOwnedByOther>()("AccountOwnedByOther", {}) {
  override get message() {
    return "this LinkedIn account belongs to another user"
  }
}

/** Both have a LinkedIn account; one of them has to be unlinked first. */
export class MergeTwoLinkedIn extends Schema.TaggedError<MergeTwoLinkedIn>()("MergeTwoLinkedIn", {}) {
  override get message() {
    return "both users have a LinkedIn account"
  }
}

/** The person has no session of this id. */
export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", {}) {
  override get message() {
    return "no such session"
  }
}

/** What was begun in one session came back with another one. */
export class SessionMismatch extends Schema.TaggedError<SessionMismatch>()("SessionMismatch", {}) {
  override get message() {
    return "the sign-in was started in another session"
  }
}

/** The wallet or account that was proved belongs to another user here, whom the ticket allows to merge with this one. */
export class OwnedByOther extends Schema.TaggedError<OwnedByOther>()("OwnedByOther", {
  /** For `Merging.merge`, from this session, while it is fresh. */
  ticket: Schema.String,
  /** Seconds. */
  expiresIn: Schema.Int
}) {
  override get message() {
    return "this wallet or LinkedIn account belongs to another user: the two users can be merged"
  }
}

/** The merge ticket is malformed, unknown, expired, already used or of another session. */
export class MergeTicketInvalid extends Schema.TaggedError<MergeTicketInvalid>()("MergeTicketInvalid", {}) {
  override get message() {
    return "the merge ticket is unknown, expired or already used"
  }
}

/** This session has no merge that waits for a decision. */
export class NoMergePending extends Schema.TaggedError<NoMergePending>()("NoMergePending", {}) {
  override get message() {
    return "no merge is pending"
  }
}

/** LinkedIn has to be asked again by the person: the access token is dead, or none is kept. */
export class LinkedInReauthorizationRequired
  extends Schema.TaggedError<LinkedInReauthorizationRequired>()("LinkedInReauthorizationRequired", {})
{
  override get message() {
    return "sign in with LinkedIn again first"
  }
}

/** The redirect URI is neither a loopback address (RFC 8252, 7.3) nor a configured one. */
export class NativeRedirectNotAllowed
  extends Schema.TaggedError<NativeRedirectNotAllowed>()("NativeRedirectNotAllowed", {})
{
  override get message() {
    return "this redirect URI is not allowed"
  }
}

/** The sign-in of the application is unknown, expired, finished or was begun in another browser. */
export class NativeFlowInvalid extends Schema.TaggedError<NativeFlowInvalid>()("NativeFlowInvalid", {}) {
  override get message() {
    return "this sign-in is unknown, expired or already finished"
  }
}

/** The code is malformed, unknown, expired or already used, or not for this verifier or redirect URI. */
export class NativeCodeInvalid extends Schema.TaggedError<NativeCodeInvalid>()("NativeCodeInvalid", {}) {
  override get message() {
    return "the code is unknown, expired or already used"
  }
}

/** Why the identity machine refuses. */
export type IdentityRefusal =
  | AccountOwnedByOther
  | LastLoginMethod
  | LinkedInAlreadyLinked
  | LinkedInNotLinked
  | MergeTwoLinkedIn
  | ReauthMismatch
  | ReauthRequired
  | TooManyWallets
  | UserDisabled
  | UserNotFound
  | WalletNotFound
  | WalletOwnedByOther
