/**
 * The texts of all groups, as the document looks them up.
 */
import type { GroupDocs, OperationDocs } from "../OperationDocs.ts"
import { authDocs } from "./AuthDocs.ts"
import { callDocs } from "./CallDocs.ts"
import { linkedInDocs } from "./LinkedInDocs.ts"
import { nativeDocs } from "./NativeDocs.ts"
import { operationsDocs } from "./OperationsDocs.ts"
import { peopleDocs } from "./PeopleDocs.ts"
import { realtimeDocs } from "./RealtimeDocs.ts"
import { renewalDocs } from "./RenewalDocs.ts"
import { subscriptionDocs } from "./SubscriptionDocs.ts"
import { walletDocs } from "./WalletDocs.ts"
import { walletPaymentDocs } from "./WalletPaymentDocs.ts"

const all: Readonly<Record<string, Omit<GroupDocs<never>, "operations"> & { readonly operations: object }>> = {
  auth: authDocs,
  calls: callDocs,
  linkedin: linkedInDocs,
  native: nativeDocs,
  operations: operationsDocs,
  people: peopleDocs,
  realtime: realtimeDocs,
  renewals: renewalDocs,
  subscriptions: subscriptionDocs,
  walletPayments: walletPaymentDocs,
  wallets: walletDocs
}

/** The description of each group, by its name. */
export const groups: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(all).map(([name, { description }]) => [name, description])
)

/** The texts of each operation, by `group.operation`. */
export const operations: Readonly<Record<string, OperationDocs>> = Object.fromEntries(
  Object.entries(all).flatMap(([group, { operations }]) =>
    Object.entries(operations as Readonly<Record<string, OperationDocs>>)
      .map(([name, docs]) => [`${group}.${name}`, docs])
  )
)
