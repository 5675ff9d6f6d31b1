/** Makes elements in one expression. */

type Child = Node | string | undefined | false
type Listener = (event: Event) => void
export type Props = Readonly<Record<string, string | number | boolean | Listener | undefined>>

/** `on...` are listeners, booleans are attributes that are there or not, everything else is an attribute's value. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value)
    else if (typeof value === "boolean") element.toggleAttribute(name, value)
    else if (value !== undefined) element.setAttribute(name, `${value}`)
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined && child !== false))
  return element
}

/** Replaces the content only when what it shows has changed, so that clicks survive; the focus goes to what it was on. */
export const renderer = <A>(target: Element, draw: (value: A) => ReadonlyArray<Node>): (value: A) => void => {
  let shown: string | undefined
  return (value) => {
    const key = JSON.stringify(value)
    if (key === shown) return
    shown = key
    const focused = target.contains(document.activeElement) ? document.activeElement?.getAttribute("data-testid") : null
    target.replaceChildren(...draw(value))
    if (focused != null) target.querySelector<HTMLElement>(`[data-testid="${CSS.escape(focused)}"]`)?.focus()
  }
}

const paths = {
  phone:
    "M6.6 10.8a15 15 0 0 0 6.600 6.600l2.200-2.200a1 1 0 0 1 1-.25 11.400 11.400 0 0 0 3.600.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.500a1 1 0 0 1 1 1 11.400 11.400 0 0 0 .57 3.570 1 1 0 0 1-.25 1z",
  hangUp:
    "M12 9c-1.600 0-3.150.25-4.600.72v3.100c0 .39-.23.74-.56.9-.98.49-1.870 1.120-2.660 1.850-.18.18-.43.280-.7.280-.28 0-.53-.11-.71-.29L.29 13.080a.99.99 0 0 1 0-1.410C3.340 8.780 7.460 7 12 7s8.660 1.780 11.710 4.670a.99.99 0 0 1 0 1.410l-2.480 2.480c-.18.18-.43.29-.71.29-.27 0-.52-.1-.7-.28a11.300 11.300 0 0 0-2.670-1.850 1 1 0 0 1-.56-.9v-3.100A15 15 0 0 0 12 9z",
  camera: "M17 10.500V7a1 1 0 0 0-1-1H4a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-3.500l4 4v-11z",
  screen: "M20 4H4a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h6v2H8v1h8v-1h-2v-2h6a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2zm0 12H4V6h16z",
  mic:
    "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.920V21h2v-3.080A7 7 0 0 0 19 11z",
  add:
    "M15 12a4 4 0 1 0-4-4 4 4 0 0 0 4 4zM6 10V7H4v3H1v2h3v3h2v-3h3v-2zm9 4c-2.670 0-8 1.340-8 4v2h16v-2c0-2.660-5.330-4-8-4z",
  copy:
    "M16 1H4a2 2 0 0 0-2 2v13h2V3h12zm3 4H8a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2V7a2 2 0 0 0-2-2zm0 16H8V7h11z",
  check: "M9 16.200 4.800 12l-1.400 1.400L9 19 21 7l-1.400-1.400z",
  close:
    "M19 6.400 17.600 5 12 10.600 6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12z",
  back: "M20 11H7.830l5.590-5.590L12 4l-8 8 8 8 1.410-1.410L7.830 13H20z",
  search:
    "M15.500 14h-.8l-.3-.3a6.500 6.500 0 1 0-.7.7l.3.300v.8l5 5 1.500-1.500zm-6 0a4.500 4.500 0 1 1 0-9 4.500 4.500 0 0 1 0 9z",
  pencil:
    "M3 17.250V21h3.750L17.800 9.940l-3.750-3.750zM20.700 7a1 1 0 0 0 0-1.400l-2.300-2.300a1 1 0 0 0-1.400 0l-1.800 1.800 3.700 3.700z",
  group:
    "M16 11a3 3 0 1 0-3-3 3 3 0 0 0 3 3zm-8 0a3 3 0 1 0-3-3 3 3 0 0 0 3 3zm0 2c-2.330 0-7 1.170-7 3.500V19h14v-2.500C15 14.170 10.330 13 8 13zm8 0h-1a4.200 4.200 0 0 1 2 3.500V19h6v-2.500c0-2.330-4.670-3.500-7-3.500z"
}
export type Icon = keyof typeof paths

export const icon = (name: Icon): SVGElement => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  path.setAttribute("d", paths[name])
  svg.append(path)
  return svg
}

/** A round button with an icon. Its label is for screen readers and for the pointer that rests on it. */
export const iconButton = (name: Icon, label: string, props: Props): HTMLButtonElement =>
  h("button", { type: "button", "aria-label": label, title: label, class: "round", ...props }, icon(name))

/** The initials of a name on a colour that belongs to the user. */
export const avatar = (id: string, name: string): HTMLElement => {
  const letters = name.startsWith("0x")
    ? name.slice(2, 4)
    : name.split(/\s+/u).slice(0, 2).map((word) => [...word][0] ?? "").join("")
  const element = h("span", { class: "avatar", "aria-hidden": "true" }, letters.toUpperCase())
  let hash = 0
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360
  element.style.setProperty("--hue", `${hash}`)
  return element
}
