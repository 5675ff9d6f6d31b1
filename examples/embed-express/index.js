/**
 * The whole API inside an Express application, in plain JavaScript.
 */
import { openDchatHost } from "@dchat/http/node"
import express from "express"
import { createServer } from "node:http"

const port = Number(process.env.PORT ?? 3000)
const dchat = await openDchatHost({ ...process.env, PORT: String(port) })

const app = express()
app.use(dchat.handler)
app.get("/", (_request, response) => response.send("The application's own page"))

const server = createServer(app)
server.on("upgrade", (request, socket, head) => dchat.upgrade(request, socket, head) || socket.destroy())
server.listen(port, "127.0.0.1", () => console.log(`ready at http://localhost:${server.address().port}`))

process.once("SIGTERM", async () => {
  server.close()
  await dchat.close()
})
