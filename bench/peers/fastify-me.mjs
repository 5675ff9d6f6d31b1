// `GET /api/subscriptions/me` on fastify.
import Fastify from "fastify"
import { me } from "./me.mjs"

const app = Fastify()
app.get("/api/subscriptions/me", async (request, reply) => {
  const found = await me(request.headers.authorization)
  return found ?? reply.code(401).send({ status: 401 })
})
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) })
