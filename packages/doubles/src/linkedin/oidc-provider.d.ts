/**
 * The types of the parts of oidc-provider that the simulated LinkedIn uses. The package has no types.
 */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http"

  /** The Koa context; `oidc` is there once a route of the provider's has matched. */
  export interface Context {
    readonly req: IncomingMessage
    readonly oidc?: {
      readonly route: string
      readonly provider: Provider
      readonly body?: Readonly<Record<string, unknown>>
      readonly client: { readonly clientId: string }
      readonly session: { readonly accountId: string }
    }
    readonly query: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
    readonly response: { get(header: string): string }
    body: unknown
    status: number
    type: string
    set(header: string, value: string): void
    remove(header: string): void
  }

  export interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  /** Where the provider keeps one model, by id. */
  export interface Adapter {
    upsert(id: string, payload: StoredModel, expiresIn?: number): Promise<void>
    find(id: string): Promise<StoredModel | undefined>
    findByUid(uid: string): Promise<StoredModel | undefined>
    findByUserCode(userCode: string): Promise<StoredModel | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  export interface StoredModel {
    readonly grantId?: string
    readonly uid?: string
    consumed?: number
    readonly [member: string]: unknown
  }

  export type InteractionResult =
    | { readonly login: { readonly accountId: string } }
    | { readonly error: string; readonly error_description: string }

  export interface Account {
    readonly accountId: string
    claims(): Promise<{ readonly sub: string; readonly [claim: string]: unknown }>
  }

  export interface Configuration {
    readonly adapter: (model: string) => Adapter
    readonly clients: ReadonlyArray<Readonly<Record<string, unknown>>>
    readonly findAccount: (context: Context, subject: string) => Promise<Account | undefined>
    readonly interactions: { readonly url: (context: Context, interaction: { readonly uid: string }) => string }
    readonly loadExistingGrant: (context: Required<Pick<Context, "oidc">>) => Promise<Grant>
    readonly renderError: (context: Context, out: { readonly error: string }, error: unknown) => void
    readonly [setting: string]: unknown
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    readonly Client: { readonly prototype: { redirectUriAllowed(uri: string): boolean } }
    readonly Grant: new(properties: { readonly clientId: string; readonly accountId: string }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<unknown>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
      options: { readonly mergeWithLastSubmission: boolean }
    ): Promise<void>
  }
}
