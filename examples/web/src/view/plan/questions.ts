/** The questions before an action on the subscription. */
import { type PlanChoice } from "../../dchat-subscription.ts"
import { planRefusal } from "../../plan-refusals.ts"
import { day, periodAdverbs, previewWords, refundWords, tierName } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { dialogButton, type Dialogs } from "../dialogs.ts"
import { h } from "../dom.ts"

const leave = (dialogs: Dialogs) => dialogButton("dialog-cancel", "quiet", "Back", dialogs.close)

/** Says what it costs before it is done, and does it at that price. */
export const askToChange = async (dialogs: Dialogs, subscription: Subscription, choice: PlanChoice): Promise<void> => {
  const isSameTier = subscription.summary?.subscription?.tier === choice.tier
  const title = isSameTier ? `Pay ${periodAdverbs[choice.period]}?` : `Change to ${tierName(choice.tier)}?`
  try {
    const preview = await subscription.preview(choice)
    const change = async () => {
      dialogs.close()
      await subscription.change(choice, preview)
      // The shown state is outdated: the current state is shown.
      if (subscription.refusal?.code === "preview_expired") await askToChange(dialogs, subscription, choice)
    }
    dialogs.open({
      testId: "change-dialog",
      title,
      content: [
        h("p", { "data-testid": "change-words" }, previewWords(preview, choice, subscription.plans)),
        dialogButton("confirm-change", "primary", "Change", () => void change()),
        leave(dialogs)
      ]
    })
  } catch (problem) {
    const { code, words } = planRefusal(problem)
    const about = { class: "problem", role: "alert", "data-testid": "plan-refusal", "data-code": code }
    dialogs.open({
      testId: "change-dialog",
      title,
      content: [h("p", about, words), leave(dialogs)]
    })
  }
}

export const askToCancel = (dialogs: Dialogs, subscription: Subscription): void => {
  const own = subscription.summary?.subscription
  const cancel = (when: "period_end" | "now") => () => {
    dialogs.close()
    void subscription.cancel(when)
  }
  const open = (...content: ReadonlyArray<Node>) =>
    dialogs.open({
      testId: "cancel-dialog",
      title: "Cancel your subscription?",
      content: [...content, leave(dialogs)]
    })
  if (own?.state === "suspended") {
    return open(
      h(
        "p",
        {},
        "If the bank rejects the dispute, you can use the rest of the paid period, and the subscription renews unless you " +
          "cancel. If you end the subscription now, you get no refund, whatever the result of the dispute."
      ),
      dialogButton("cancel-at-end", "primary", "End with the paid period", cancel("period_end")),
      dialogButton("cancel-now", "danger", "End now, without a refund", cancel("now"))
    )
  }
  if (own?.state !== "active") {
    return open(
      h("p", {}, "The subscription ends now. You pay nothing more for the subscription."),
      dialogButton("cancel-now", "danger", "End now", cancel("now"))
    )
  }
  const endNow = dialogButton("cancel-now", "danger", "End now, without a refund", cancel("now"))
  if (own.endsAt !== undefined) {
    return open(
      h("p", {}, `The subscription ends on ${day(own.endsAt)}. If you end the subscription now, you get no refund.`),
      endNow
    )
  }
  const until = own.paidThrough === undefined ? "with the paid period" : `on ${day(own.paidThrough)}`
  open(
    h(
      "p",
      {},
      `The subscription can end ${until}, and you keep access until then. If you end the subscription now, you get no refund.`
    ),
    ...own.change === undefined
      ? []
      : [h("p", {}, `The change to ${tierName(own.change.tier)} is then cancelled.`)],
    dialogButton("cancel-at-end", "primary", `End ${until}`, cancel("period_end")),
    endNow
  )
}

export const askToRefund = (dialogs: Dialogs, subscription: Subscription): void => {
  const refundable = subscription.summary?.refundable
  if (refundable === undefined) return
  const refund = () => {
    dialogs.close()
    void subscription.refund()
  }
  dialogs.open({
    testId: "refund-dialog",
    title: "Request a refund?",
    content: [
      h("p", { "data-testid": "refund-words" }, refundWords(refundable)),
      dialogButton("confirm-refund", "danger", "Request a refund", refund),
      leave(dialogs)
    ]
  })
}
