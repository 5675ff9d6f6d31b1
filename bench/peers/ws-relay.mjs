// The least that a signalling server can do on `ws`: passes a message to the user it names. No users, no state, no store.
import { WebSocketServer } from "ws"

const sockets = new Map()
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT), perMessageDeflate: false })
server.on("connection", (socket, request) => {
  const from = new URL(request.url, "ws://localhost").searchParams.get("id")
  sockets.set(from, socket)
  socket.on("close", () => sockets.get(from) === socket && sockets.delete(from))
  socket.on("message", (data) => {
    const { to, body } = JSON.parse(data)
    sockets.get(to)?.send(JSON.stringify({ from, body }))
  })
})
