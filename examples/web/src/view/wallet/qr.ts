/** The QR code of a payment, which a wallet on a phone reads (EIP-681). */
import { renderSVG } from "uqr"
import { h } from "../dom.ts"

/** Black on white in every theme: many scanners read nothing else. */
export const qrCode = (text: string): HTMLElement =>
  h("img", {
    class: "qr",
    width: 220,
    height: 220,
    alt: "QR code of this payment for a wallet on a phone",
    src: `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 3, ecc: "M" }))}`,
    "data-testid": "qr"
  })
