/** The LinkedIn account: its profile, reading it again, linking and unlinking it. */
import { type Account } from "../../account.ts"
import { moment } from "../../call-words.ts"
import { type LinkedInProfile } from "../../dchat-identity.ts"
import { avatar, h, renderer } from "../dom.ts"
import { actionButton, intentButton, type SectionView, sectionView } from "./section.ts"

const emailWords = ({ email, emailVerified }: LinkedInProfile): string => {
  if (email === undefined) return "No e-mail address"
  return emailVerified ? email : `${email} (not verified by LinkedIn)`
}

/** Initials stand for the picture, which is at LinkedIn's servers: this page loads nothing from others. */
const profileRow = (profile: LinkedInProfile): HTMLElement =>
  h(
    "div",
    { class: "owned", "data-testid": "linked-linkedin" },
    h("span", { class: "face" }, avatar(profile.subject, profile.name)),
    h(
      "span",
      { class: "about" },
      h(
        "span",
        { class: "name", "data-testid": "linkedin-name" },
        profile.name === "" ? "No name" : profile.name
      ),
      h("span", { class: "small" }, emailWords(profile)),
      h(
        "span",
        { class: "small" },
        "Last updated ",
        h("time", { datetime: profile.lastSyncAt, "data-testid": "last-sync" }, moment(profile.lastSyncAt))
      )
    )
  )

export const linkedInView = (account: Account): SectionView => {
  const content = h("div", { class: "part" })
  type Shown = { linkedin: LinkedInProfile | undefined; signInAgain: boolean }
  const draw = renderer(content, ({ linkedin, signInAgain }: Shown) => {
    if (linkedin === undefined) {
      return [
        h("p", {}, "No LinkedIn account is linked. Link LinkedIn to use it for sign-in."),
        h(
          "div",
          { class: "deeds" },
          intentButton(account, { type: "link-linkedin" }, { label: "Link LinkedIn", testId: "link-linkedin" })
        )
      ]
    }
    const again = () => void account.perform({ type: "reauthorize-linkedin" })
    return [
      profileRow(linkedin),
      h(
        "div",
        { class: "deeds" },
        signInAgain && actionButton("reauthorize-linkedin", "Sign in with LinkedIn again", again, "primary"),
        intentButton(account, { type: "sync-linkedin" }, {
          label: "Update from LinkedIn",
          testId: "sync-linkedin"
        }),
        intentButton(account, { type: "unlink-linkedin" }, {
          label: "Unlink",
          testId: "unlink-linkedin",
          about: "LinkedIn"
        })
      )
    ]
  })
  return sectionView({ account, name: "linkedin", title: "LinkedIn" }, [content], () =>
    draw({
      linkedin: account.user.linkedin,
      signInAgain: account.refusal?.code === "linkedin_reauthorization_required"
    }))
}
