/**
 * A simulated Stripe on loopback: its API, its pages, its webhooks, and an adjustable clock.
 */
import { Effect, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as AdjustableClock from "./AdjustableClock.ts"
import * as Api from "./Api.ts"
import * as BookFile from "./BookFile.ts"
import { Books, type Card } from "./Books.ts"
import * as Cards from "./Cards.ts"
import * as CheckingOut from "./CheckingOut.ts"
import * as Customers from "./Customers.ts"
import type * as Documents from "./Documents.ts"
import { answers, Faults } from "./Faults.ts"
import * as FormBody from "./FormBody.ts"
import type { Call } from "./Handler.ts"
import { type Answer, Idempotency } from "./Idempotency.ts"
import * as Pages from "./Pages.ts"
import * as Returning from "./Returning.ts"
import { missing, StripeRefusal } from "./StripeRefusal.ts"
import * as Time from "./Time.ts"
import { type Manner, Webhooks } from "./Webhooks.ts"

export interface Options {
  /** A free one where it is not given. */
  readonly port?: number
  readonly secretKey?: string
  /** The one that everything beside it reads; a real one where it is not given. */
  readonly clock?: AdjustableClock.AdjustableClock
  /** Where its books are kept; nowhere where it is not given. */
  readonly file?: string
  /** The controls of another simulation, on the page with the clock. */
  readonly controls?: Controls
}

export interface Controls {
  /** A section of the page, in HTML. Its forms go to `/_control/` and the name of an action. */
  render(): Promise<string>
  /** Does an action. The fields are those of the form. */
  act(action: string, fields: URLSearchParams): Promise<void>
  /** A further page, in HTML. Undefined if there is no page at this path. */
  page(path: string): Promise<{ readonly title: string; readonly body: string } | undefined>
}

export interface StripeDouble {
  readonly origin: string
  readonly secretKey: string
  readonly clock: AdjustableClock.AdjustableClock
  readonly faults: Faults
  /** Is told of each request of the API before anything is done about it, as in `GET invoices`. */
  onRequest(listener: (request: string) => void): Effect.Effect<void>
  /** Where it sends its messages, and by which secret it signs them. */
  addEndpoint(url: string, secret: string): Effect.Effect<void>
  /** False: messages wait until they are delivered. */
  sendImmediately(immediate: boolean): Effect.Effect<void>
  /** Sends what waits; answers with the status of each answer. */
  deliver(manner?: Manner): Effect.Effect<ReadonlyArray<number>>
  /** Sends something that happened before once more. */
  resend(event: Documents.Event): Effect.Effect<number>
  readonly events: Effect.Effect<ReadonlyArray<Documents.Event>>
  /** Puts the clock forward, and everything happens that falls due. */
  advanceTo(milliseconds: number): Effect.Effect<void>
  /** Whether the card was taken. */
  pay(session: string, card?: CheckingOut.OfferedCard): Effect.Effect<boolean>
  payInvoice(invoice: string, card?: CheckingOut.OfferedCard): Effect.Effect<boolean>
  /** The card that pays for everything of this customer from now on. */
  setCard(customer: string, card: Card): Effect.Effect<void>
  /** With all that they have. */
  deleteCustomer(customer: string): Effect.Effect<void>
  portalCancel(subscription: string): Effect.Effect<void>
  portalKeep(subscription: string): Effect.Effect<void>
  refund(paymentIntent: string, amount?: number): Effect.Effect<Documents.Refund>
  resolveRefund(refund: string, succeeds: boolean): Effect.Effect<void>
  dispute(paymentIntent: string): Effect.Effect<Documents.Dispute>
  closeDispute(dispute: string, outcome: "won" | "lost"): Effect.Effect<void>
  /** Reads the books, or changes them without an event. */
  books<A>(look: (books: Books) => A): Effect.Effect<A>
}

const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) })

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

const html = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(body)
}

const redirect = (response: ServerResponse, location: string): void => {
  response.writeHead(303, { location }).end()
}

const listen = (server: Server, port: number) =>
  Effect.acquireRelease(
    Effect.callback<number, Error>((resume) => {
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

export const make = Effect.fnUntraced(function*(
  { clock = AdjustableClock.make(), controls, file, port = 0, secretKey = "sk_test_double" }: Options = {}
): Effect.fn.Return<StripeDouble, Error, Scope.Scope> {
  const seconds = () => Math.floor(clock.now() / 1000)
  const webhooks = new Webhooks(seconds)
  const books = new Books(seconds(), (event) => webhooks.add(event))
  const faults = new Faults()
  const idempotency = new Idempotency()
  let listener: ((request: string) => void) | undefined
  if (file !== undefined) clock.advanceTo(BookFile.read(books, file) * 1000)
  const catchUp = () => Time.pass(books, seconds())
  const keep = () => {
    if (file !== undefined) BookFile.write(books, file)
  }

  const answerOf = (call: Call, key: string | undefined, asked: string): Answer => {
    try {
      const known = idempotency.find(key, asked)
      if (known !== undefined) return known
      const answer = json(200, Api.answer(books, call))
      idempotency.keep(key, asked, answer)
      return answer
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error
      const answer = json(error.status, { error: error.body })
      if (error.isBegun) idempotency.keep(key, asked, answer)
      return answer
    }
  }

  const api = (request: IncomingMessage, response: ServerResponse, url: URL, body: string): void => {
    const method = request.method ?? "GET"
    const path = url.pathname.slice("/v1/".length)
    listener?.(`${method} ${path}`)
    const { fault, shouldRetry } = faults.take(`${method} ${path}`) ?? {}
    const headers = {
      "content-type": "application/json",
      "request-id": "req_double",
      ...(shouldRetry !== undefined && { "stripe-should-retry": String(shouldRetry) })
    }
    const send = ({ body, status }: Answer) => void response.writeHead(status, headers).end(body)
    if (fault === "hang") return
    if (fault === "drop") return void request.socket.destroy()
    if (request.headers.authorization !== `Bearer ${secretKey}`) {
      return send(json(401, { error: { type: "invalid_request_error", message: "Invalid API Key provided" } }))
    }
    const given = request.headers["idempotency-key"]
    const key = method === "GET" || typeof given !== "string" ? undefined : given
    const form = FormBody.parse(method === "GET" || body === "" ? url.search.slice(1) : body)
    const asked = `${method} ${path} ${body}`
    const planned = fault && answers[fault]
    if (planned !== undefined) {
      const failed = json(planned.status, { error: planned.error })
      if (planned.status === 500) idempotency.keep(key, asked, failed)
      return send(failed)
    }
    const answer = answerOf({ method, path, form }, key, asked)
    if (fault === "lost") return void request.socket.destroy()
    send(fault === "shape" ? json(200, { object: "something_new", id: "new_1" }) : answer)
  }

  const pages = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: string
  ): Promise<void> => {
    const [, kind = "", id = ""] = url.pathname.split("/")
    const form = FormBody.parse(body)
    const isPost = request.method === "POST"
    const offered = FormBody.textAt(form, "card")
    const card: CheckingOut.OfferedCard = offered === "later" || offered === "declined" ? offered : "works"
    if (kind === "") return html(response, Pages.controlPage(books, await controls?.render()))
    if (kind === "_control" && isPost) {
      await controls?.act(id, new URLSearchParams(body))
      if (id === "advance") clock.advanceTo(clock.now() + (FormBody.numberAt(form, "days") ?? 0) * 24 * 3600 * 1000)
      if (id === "card") {
        Cards.replace(books, FormBody.textAt(form, "customer") ?? "", card === "works" ? "works" : "declined")
      }
      catchUp()
      return redirect(response, "/")
    }
    if (kind === "checkout") {
      const session = books.sessions.get(id)
      const isOpen = session.status === "open"
      if (isPost && isOpen && CheckingOut.pay(books, id, card)) return redirect(response, session.success_url ?? "/")
      return html(response, isOpen ? Pages.checkoutPage(session, isPost) : Pages.closedPage())
    }
    if (kind === "invoices") {
      const isPaid = isPost && books.invoices.get(id).status === "open" && CheckingOut.payInvoice(books, id, card)
      return html(response, Pages.invoicePage(books.invoices.get(id), isPost && !isPaid))
    }
    if (kind === "receipts") return html(response, Pages.receiptPage(books.charges.get(id)))
    if (kind === "portal") {
      const portal = books.portals.get(id)
      if (!isPost) return html(response, Pages.portalPage(books, portal))
      const action = FormBody.textAt(form, "action")
      const subscription = FormBody.textAt(form, "subscription") ?? ""
      if (action === "cancel") CheckingOut.portalCancel(books, subscription)
      if (action === "keep") CheckingOut.portalKeep(books, subscription)
      if (action === "card") Cards.replace(books, portal.customer, card === "works" ? "works" : "declined")
      return redirect(response, `/portal/${id}`)
    }
    const other = await controls?.page(url.pathname)
    if (other !== undefined) return html(response, Pages.page(other.title, other.body))
    throw missing("page", url.pathname)
  }

  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      catchUp()
      const url = new URL(request.url ?? "/", "http://double")
      if (url.pathname.startsWith("/v1/")) api(request, response, url, body)
      else await pages(request, response, url, body)
      keep()
    }).catch((error: unknown) => {
      response.writeHead(error instanceof StripeRefusal ? error.status : 500).end(String(error))
    })
  })
  const bound = yield* listen(server, port)
  books.advance = (until) => {
    // Deadlines in between are applied at their own times; other clocks do not move.
    Time.pass(books, until)
    clock.advanceTo(until * 1000)
  }
  books.origin = `http://127.0.0.1:${bound}`

  const act = <A>(change: () => A): Effect.Effect<A> =>
    Effect.sync(() => {
      catchUp()
      return change()
    })

  return {
    origin: books.origin,
    secretKey,
    clock,
    faults,
    onRequest: (next) => Effect.sync(() => void (listener = next)),
    addEndpoint: (url, secret) => Effect.sync(() => void webhooks.endpoints.push({ url, secret })),
    sendImmediately: (immediate) => Effect.sync(() => void (webhooks.immediate = immediate)),
    deliver: (manner) => Effect.promise(() => webhooks.deliver(manner)),
    resend: (event) => Effect.promise(() => webhooks.send(event)),
    events: Effect.sync(() => books.events.list().toReversed()),
    advanceTo: (milliseconds) =>
      Effect.sync(() => {
        books.advance(Math.floor(milliseconds / 1000))
        clock.advanceTo(milliseconds)
      }),
    pay: (session, card = "works") => act(() => CheckingOut.pay(books, session, card)),
    payInvoice: (invoice, card = "works") => act(() => CheckingOut.payInvoice(books, invoice, card)),
    setCard: (customer, card) => act(() => Cards.replace(books, customer, card)),
    deleteCustomer: (customer) => act(() => void Customers.remove(books, customer)),
    portalCancel: (subscription) => act(() => CheckingOut.portalCancel(books, subscription)),
    portalKeep: (subscription) => act(() => CheckingOut.portalKeep(books, subscription)),
    refund: (intent, amount) => act(() => Returning.refund(books, intent, amount, {})),
    resolveRefund: (id, succeeds) => act(() => Returning.resolveRefund(books, id, succeeds)),
    dispute: (intent) => act(() => Returning.dispute(books, intent)),
    closeDispute: (id, outcome) => act(() => Returning.closeDispute(books, id, outcome)),
    books: (look) => act(() => look(books))
  }
})
