/** What the page shows when there is no result: one on its way, one that did not come, builds that are missing. */
import type { FromPage, Labels, PageState } from "../src/benchmark/messages.ts";
import type { Chart } from "./chart.ts";
import { button, make } from "./elements.ts";
import { drawnPictures } from "./resultColumn.ts";

type State<Kind extends PageState["kind"]> = Extract<PageState, { kind: Kind }>;
type Send = (message: FromPage) => void;

/** Stays while a benchmark runs, so that the focus and the chart's animation are not lost with every event. */
export class RunningPage {
  readonly element = make("article");
  private readonly title = make("h1");
  private readonly message = make("p", { class: "when" });
  private readonly bar = make("progress", { max: "100" });
  private readonly pictures = make("section");
  private charts: readonly Chart[] = [];

  constructor(
    private readonly labels: Labels,
    send: Send,
  ) {
    const cancel = make(
      "div",
      { class: "actions" },
      button(labels.cancel, () => send({ type: "cancel" }), "primary"),
    );
    this.element.append(this.title, this.message, this.bar, cancel, this.pictures);
  }

  show({ title, message, percent, drawn }: State<"running">): void {
    this.title.textContent = title;
    this.message.textContent = message;
    this.bar.value = percent;
    this.bar.setAttribute("aria-label", title);
    if (!drawn) {
      return;
    }
    if (this.charts.length === drawn.pictures.length) {
      drawn.pictures.forEach((picture, index) => {
        this.charts[index]!.draw(picture);
      });
      return;
    }
    this.dispose();
    const { elements, charts } = drawnPictures(drawn);
    this.charts = charts;
    this.pictures.replaceChildren(make("h2", {}, this.labels.soFar), ...elements);
  }

  dispose(): void {
    for (const chart of this.charts) {
      chart.dispose();
    }
    this.charts = [];
  }
}

export function endedPage(
  { title, message, detail }: State<"ended">,
  labels: Labels,
  send: Send,
): HTMLElement {
  return make(
    "article",
    {},
    make("h1", {}, title),
    make("p", { class: "answer" }, message),
    ...(detail ? [make("pre", {}, detail)] : []),
    make(
      "div",
      { class: "actions" },
      button(labels.again, () => send({ type: "again" }), "primary"),
    ),
  );
}

export function installPage({ title, help }: State<"install">, labels: Labels, send: Send): HTMLElement {
  const others = help.alternatives.map(({ how, command, link }) =>
    make(
      "li",
      {},
      ...(command ? [make("code", {}, command), ` (${how})`] : [how]),
      ...(link ? [": ", button(link, () => send({ type: "link", address: link }), "link")] : []),
    ),
  );
  return make(
    "article",
    {},
    make("h1", {}, title),
    make("p", { class: "answer" }, help.problem),
    make("p", { class: "when" }, help.lookedAt),
    make("pre", {}, help.command),
    make(
      "div",
      { class: "actions" },
      button(labels.install, () => send({ type: "install" }), "primary"),
      button(labels.lookAgain, () => send({ type: "again" })),
      button(labels.chooseInterpreters, () => send({ type: "chooseInterpreters" })),
    ),
    make("h2", {}, labels.otherWays),
    make("ul", {}, ...others),
  );
}
