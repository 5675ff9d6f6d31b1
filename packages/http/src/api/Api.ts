/**
 * The whole API, one group per feature: the server, the typed client, `/openapi.json` and `/docs` come from it. The texts of
 * the last two are in `docs/`.
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { AuthApi } from "./AuthApi.ts"
import { CallsApi } from "./CallsApi.ts"
import { LinkedInApi } from "./LinkedInApi.ts"
import { NativeApi } from "./NativeApi.ts"
import { OperationsApi } from "./OperationsApi.ts"
import { PeopleApi } from "./PeopleApi.ts"
import { AddressLimited } from "./RateLimited.ts"
import { RealtimeApi } from "./RealtimeApi.ts"
import { RenewalsApi } from "./RenewalsApi.ts"
import { RequestProblems } from "./RequestProblems.ts"
import { SubscriptionsApi } from "./SubscriptionsApi.ts"
import { version } from "./Version.ts"
import { WalletPaymentsApi } from "./WalletPaymentsApi.ts"
import { WalletsApi } from "./WalletsApi.ts"

export class Api extends HttpApi.make("dchat")
  .add(
    AuthApi,
    WalletsApi,
    LinkedInApi,
    NativeApi,
    PeopleApi,
    CallsApi,
    SubscriptionsApi,
    RenewalsApi,
    WalletPaymentsApi,
    RealtimeApi,
    OperationsApi
  )
  .middleware(AddressLimited)
  .middleware(RequestProblems)
  .annotateMerge(OpenApi.annotations({ title: "dchat", version }))
{}
