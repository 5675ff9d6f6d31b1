import { ChosenLine, ChosenName, displayNameOfProfile } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const nameOf = (text: string): string | undefined => Option.getOrUndefined(Schema.decodeUnknownOption(ChosenName)(text))
const lineOf = (text: string): string | undefined => Option.getOrUndefined(Schema.decodeUnknownOption(ChosenLine)(text))

describe("A chosen name", () => {
  it.each([
    "Ann",
    "Ann-Marie O'Neill, Jr.",
    "Zoë Müller",
    "王小明",
    "Ирина",
    "محمد",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "Ann \u2764\uFE0F",
    "\u{1F469}\u200D\u{1F4BB}",
    "0xMaki",
    "Xerox Academy",
    "Dropbox Feed",
    "Dropbox 1234",
    "John Cox-Beddoe",
    "Ox-Beddoe",
    "Oxbeade",
    "Ox Cafe, Bedford",
    "Ox 1975",
    "10x Academy",
    "Fox 2 Bad",
    "7"
  ])("may be %j", (name) => {
    assert.strictEqual(nameOf(name), name)
  })

  it("is kept in one form", () => {
    assert.strictEqual(nameOf("  Zoe\u0308\u00A0\u2003 M "), "Zo\u00EB M")
    assert.strictEqual(nameOf("x".repeat(80)), "x".repeat(80))
    assert.isUndefined(nameOf("x".repeat(81)))
  })

  it.each([
    ["nothing", ""],
    ["spaces", " \u00A0\u3000"],
    ["a space of no width", "\u200B"],
    ["joiners alone", "\u200D\u200C"],
    ["a word joiner", "A\u2060nn"],
    ["a joiner between Latin letters", "A\u200Dnn"],
    ["a byte order mark", "A\uFEFFnn"],
    ["a soft hyphen", "An\u00ADn"],
    ["a Hangul filler", "\u3164"],
    ["a wide Hangul filler", "\uFFA0"],
    ["a braille cell without a dot", "\u2800"],
    ["a combining grapheme joiner", "A\u034Fnn"],
    ["a variation selector", "A\uFE00nn"],
    ["tags", "Ann\u{E0041}\u{E0042}"],
    ["an override of direction", "\u202Ennc"],
    ["an isolate of direction", "A\u2066nn\u2069"],
    ["a mark of direction", "Ann\u200F"],
    ["an Arabic letter mark", "Ann\u061C"],
    ["a control character", "A\u0007nn"],
    ["a line", "A\nnn"],
    ["a line separator", "A\u2028nn"],
    ["a paragraph separator", "A\u2029nn"],
    ["a private character", "A\uE000nn"],
    ["half a character", "A\uD83D"],
    ["marks alone", "\u0301\u0308"]
  ])("is not %s", (_, name) => {
    assert.isUndefined(nameOf(name))
  })

  it.each([
    "0x1234...abcd",
    "0x1234\u2026abcd",
    "0x1234..abcd",
    "0x12\u2026cd34",
    "0X1234\u22EFABCD",
    "\uFF10\uFF58\uFF11\uFF12\uFF13\uFF14\u2026\uFF41\uFF42\uFF43\uFF44",
    "0\u04451234\u2026abcd",
    "\u041E\u04451234abcd",
    "Ox1234abcd",
    "0 x 1 2 3 4 a b c d",
    "O x 1 2 3 4 a b c d",
    "0x abcd-ef12",
    "0x-12ab-cd34",
    "Ox 1234\u2026abcd",
    "Ox 12\u2026cd34",
    "Oxabcd\u2026efab",
    "\u041Exabcd\u2026efab",
    "Oxabcdefab",
    "Ann (Ox1234)",
    "Ann0x1234\u2026abcd",
    "Ox12ab567890123456789012345678901234567cd3",
    "Xerox12ab567890123456789012345678901234567cd3",
    "0x12**cd34",
    "0\u0335x1234abcd",
    "Ann 0x1234\u2026abcd",
    "0x12ab567890123456789012345678901234567cd3",
    "tmp_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "Deleted user",
    "DELETED  USER",
    "Deleted \u0443ser".replace("\u0443", "u"),
    "D\u0435l\u0435t\u0435d user",
    "Merged user",
    "Somebody",
    "Administrator",
    "\u0430dmin",
    "Support."
  ])("is not %j, which passes for something else", (name) => {
    assert.isUndefined(nameOf(name))
  })
})

describe("A line about work", () => {
  it("may be empty, and is kept in one form", () => {
    assert.strictEqual(lineOf(""), "")
    assert.strictEqual(lineOf(" Acme\u00A0 Ltd. "), "Acme Ltd.")
    assert.strictEqual(lineOf("Support"), "Support")
  })

  it.each(["\u202EAcme", "Ac\u200Bme", "Acme\nLtd.", "0x1234\u2026abcd"])("is not %j", (line) => {
    assert.isUndefined(lineOf(line))
  })
})

describe("The name that LinkedIn gives", () => {
  it.each([
    ["Ann\u202E Smith", "Ann Smith"],
    ["\u200BAnn\u200B", "Ann"],
    ["\u200B\u3164", "Somebody"],
    ["0x1234\u2026abcd", "Somebody"],
    ["Deleted user", "Somebody"],
    ["Zoe\u0308", "Zo\u00EB"]
  ])("%j is shown as %j", (name, shown) => {
    assert.strictEqual(displayNameOfProfile(name), shown)
  })
})
