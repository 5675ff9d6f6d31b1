/**
 * The endpoints of LinkedIn, from its discovery document
 * (https://www.linkedin.com/oauth/.well-known/openid-configuration), and the requested scopes.
 */

export interface LinkedInUrls {
  /** The exact issuer of ID tokens. */
  readonly issuer: string
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly jwksUrl: string
  readonly userinfoUrl: string
}

export const urls: LinkedInUrls = {
  issuer: "https://www.linkedin.com/oauth",
  authorizationUrl: "https://www.linkedin.com/oauth/v2/authorization",
  tokenUrl: "https://www.linkedin.com/oauth/v2/accessToken",
  jwksUrl: "https://www.linkedin.com/oauth/openid/jwks",
  userinfoUrl: "https://api.linkedin.com/v2/userinfo"
}

export const scopes: ReadonlyArray<string> = ["openid", "profile", "email"]
