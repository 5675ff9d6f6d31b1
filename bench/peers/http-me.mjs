// `GET /api/subscriptions/me` on node:http alone.
import { createServer } from "node:http"
import { me } from "./me.mjs"

const server = createServer(async (request, response) => {
  const found = request.url === "/api/subscriptions/me" ? await me(request.headers.authorization) : undefined
  const body = JSON.stringify(found ?? { status: 401 })
  response.writeHead(found === undefined ? 401 : 200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body)
  })
  response.end(body)
})
server.listen(Number(process.env.PORT), "127.0.0.1")
