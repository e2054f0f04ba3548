/** The page of the benchmark panel: shows the state it is given and keeps it for a reload. */
import type { FromPage, KeptState, Labels, ShownResult, ToPage } from "../src/benchmark/messages.ts";
import { make } from "./elements.ts";
import { endedPage, installPage, RunningPage } from "./otherPages.ts";
import { type Column, resultColumn } from "./resultColumn.ts";

interface Host {
  postMessage(message: FromPage): void;
  setState(state: KeptState): void;
}

declare function acquireVsCodeApi(): Host;

class Page {
  private running: RunningPage | undefined;
  private columns: readonly Column[] = [];
  private said = "";

  constructor(private readonly host: Host) {}

  show({ state, labels }: ToPage): void {
    this.host.setState(state);
    const { page } = state;
    if (page.kind === "running") {
      this.running ??= this.replace(new RunningPage(labels, this.send));
      this.running.show(page);
      // Not every run: a round is news enough for whoever listens.
      this.say(page.message.split(":")[0] ?? "");
      return;
    }
    this.clear();
    if (page.kind === "results") {
      this.showResults(page.shown, labels);
      this.say(page.shown[0]?.view.answer ?? "");
      return;
    }
    const made =
      page.kind === "install" ? installPage(page, labels, this.send) : endedPage(page, labels, this.send);
    content().replaceChildren(made);
    this.say(page.kind === "install" ? page.help.problem : page.message);
  }

  private readonly send = (message: FromPage) => this.host.postMessage(message);

  private replace(running: RunningPage): RunningPage {
    this.clear();
    content().replaceChildren(running.element);
    return running;
  }

  private showResults(shown: readonly ShownResult[], labels: Labels): void {
    const count = shown.length;
    const top = count > 1 ? commonTop(shown) : undefined;
    this.columns = shown.map((one, index) =>
      resultColumn(one, { index, count, labels, send: this.send, top }),
    );
    content().replaceChildren(
      make("div", { class: "columns" }, ...this.columns.map(({ element }) => element)),
    );
  }

  private clear(): void {
    this.running?.dispose();
    this.running = undefined;
    for (const chart of this.columns.flatMap(({ charts }) => charts)) {
      chart.dispose();
    }
    this.columns = [];
  }

  private say(text: string): void {
    if (text !== this.said) {
      this.said = text;
      document.getElementById("news")!.textContent = text;
    }
  }
}

function content(): HTMLElement {
  return document.getElementById("content")!;
}

/** Whole numbers end an axis well. */
function commonTop(shown: readonly ShownResult[]): number {
  const samples = shown.flatMap(({ result }) => result.lanes.flatMap((lane) => lane.samples));
  return Math.ceil(Math.max(...samples.flatMap(({ threads, speedupHigh }) => [threads, speedupHigh])));
}

const host = acquireVsCodeApi();
const page = new Page(host);
window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.type === "show") {
    page.show(data);
  }
});
host.postMessage({ type: "ready" });
