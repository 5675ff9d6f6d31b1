/**
 * The errors with which an identity operation is refused. No error holds a token, a signature or a message.
 */
import { Schema } from "effect"
import { UserId } from "./UserId.ts"

/** The sign-in message is unknown, expired, already used or for another purpose. Ask for a new one. */
export class NonceInvalid extends Schema.TaggedError<NonceInvalid>()("NonceInvalid", {}) {
  override get message() {
    return "the sign-in message is unknown, expired or already used"
  }
}

/** The returned message differs from the issued message. */
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

/** An administrator disabled the user. */
export class UserDisabled extends Schema.TaggedError<UserDisabled>()("UserDisabled", { userId: UserId }) {
  override get message() {
    return "this user is disabled"
  }
}

/** The session token is malformed, unknown, expired or revoked, or the user is disabled. */
export class SessionInvalid extends Schema.TaggedError<SessionInvalid>()("SessionInvalid", {}) {
  override get message() {
    return "the session is unknown, expired or revoked"
  }
}

/**
 * The session continues under a newer token, which was issued a moment ago or concurrently. The sent token serves
 * reading only, for `previousTokenLifetime`.
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

/** No active user has this id. */
export class UserNotFound extends Schema.TaggedError<UserNotFound>()("UserNotFound", { userId: UserId }) {
  override get message() {
    return "no such user"
  }
}

/** The last proof is too old for this operation. The user must prove an identity again. */
export class ReauthRequired extends Schema.TaggedError<ReauthRequired>()("ReauthRequired", {}) {
  override get message() {
    return "sign in again to confirm your identity"
  }
}

/** The proved credential does not belong to the signed-in user. */
export class ReauthMismatch extends Schema.TaggedError<ReauthMismatch>()("ReauthMismatch", {}) {
  override get message() {
    return "this wallet or LinkedIn account does not belong to the signed-in user"
  }
}

/** The user could never sign in again without this credential. */
export class LastLoginMethod extends Schema.TaggedError<LastLoginMethod>()("LastLoginMethod", {}) {
  override get message() {
    return "this is the only sign-in method of the user"
  }
}

/** The user has no wallet with this id. */
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

/** The user has no linked LinkedIn account. */
export class LinkedInNotLinked extends Schema.TaggedError<LinkedInNotLinked>()("LinkedInNotLinked", {}) {
  override get message() {
    return "no LinkedIn account is linked"
  }
}

/** Another LinkedIn account is linked and must be unlinked first. */
export class LinkedInAlreadyLinked extends Schema.TaggedError<LinkedInAlreadyLinked>()("LinkedInAlreadyLinked", {}) {
  override get message() {
    return "another LinkedIn account is already linked"
  }
}

/** The wallet belongs to another user. The error does not name that user. */
export class WalletOwnedByOther extends Schema.TaggedError<WalletOwnedByOther>()("WalletOwnedByOther", {}) {
  override get message() {
    return "this wallet belongs to another user"
  }
}

/** The LinkedIn account belongs to another user. The error does not name that user. */
export class AccountOwnedByOther extends Schema.TaggedError<AccountOwnedByOther>()("AccountOwnedByOther", {}) {
  override get message() {
    return "this LinkedIn account belongs to another user"
  }
}

/** Both users have a LinkedIn account; one of the accounts must be unlinked first. */
export class MergeTwoLinkedIn extends Schema.TaggedError<MergeTwoLinkedIn>()("MergeTwoLinkedIn", {}) {
  override get message() {
    return "both users have a LinkedIn account"
  }
}

/** The user has no session with this id. */
export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", {}) {
  override get message() {
    return "no such session"
  }
}

/** The operation began in one session and returned in another. */
export class SessionMismatch extends Schema.TaggedError<SessionMismatch>()("SessionMismatch", {}) {
  override get message() {
    return "the sign-in was started in another session"
  }
}

/** The proved wallet or account belongs to another user. The ticket allows a merge of that user with this one. */
export class OwnedByOther extends Schema.TaggedError<OwnedByOther>()("OwnedByOther", {
  /** A ticket for `Merging.merge`, valid for this session while its proof is fresh. */
  ticket: Schema.String,
  /** Lifetime of the ticket in seconds. */
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

/** No merge awaits a decision of this session. */
export class NoMergePending extends Schema.TaggedError<NoMergePending>()("NoMergePending", {}) {
  override get message() {
    return "no merge is pending"
  }
}

/** The user must authorize at LinkedIn again: the access token is dead, or none is stored. */
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

/** The application's sign-in is unknown, expired, finished or was begun in another browser. */
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
