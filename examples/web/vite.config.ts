/**
 * How the page is built: one script and one style sheet, no inline code, so that a strict `default-src 'self'` holds.
 * The mode `demo` adds a simulated wallet.
 */
import { defineConfig, type Plugin } from "vite"

/** The wallet has to be there before the page looks for one. */
const demoWallet: Plugin = {
  name: "demo-wallet",
  transformIndexHtml: {
    order: "pre",
    handler: () => [
      { tag: "link", attrs: { rel: "stylesheet", href: "/demo/wallet.css" }, injectTo: "head" },
      { tag: "script", attrs: { type: "module", src: "/demo/wallet.ts" }, injectTo: "head-prepend" }
    ]
  }
}

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: "/",
  plugins: mode === "demo" ? [demoWallet] : [],
  build: {
    outDir: mode === "demo" ? "demo/dist" : "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  }
}))
