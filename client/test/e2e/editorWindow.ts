/** Drives one window of the editor the way a person does: keys, clicks, and looking at what is shown. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Browser, chromium, type Frame, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { provided } from "./provided.ts";

const screenshots = path.resolve(import.meta.dirname, "../../../artifacts/screenshots");
const browserFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class EditorWindow {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(url: string): Promise<EditorWindow> {
    const browser = await chromium.launch({ executablePath: provided.browser(), args: browserFlags });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(30_000);
    await page.goto(url);
    await page.locator(".monaco-workbench").waitFor();
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    return new EditorWindow(browser, page);
  }

  /** Loads the window anew, as after an update or a lost connection. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator(".monaco-workbench").waitFor();
  }

  /** Links that stand above a line of code. */
  lenses(title: string): Locator {
    return this.page.locator(".codelens-decoration a", { hasText: title });
  }

  /** Rows of the list that asks for a choice. */
  choices(): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row");
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** Keeps what is shown now as artifacts/screenshots/NAME.png. */
  async screenshot(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  /** Opens a file of whatever language. */
  async openAnyFile(name: string): Promise<void> {
    await this.page.getByRole("treeitem", { name }).dblclick();
    await this.page.getByRole("tab", { name, selected: true }).waitFor();
    await this.page.locator(".monaco-editor .view-line").first().waitFor();
  }

  /** Opens a Python file and waits until the extension's own button is there: from then on it is installed and known. */
  async openFile(name: string): Promise<void> {
    await this.openAnyFile(name);
    await this.page.locator(".editor-actions").getByLabel("Benchmark Current File").first().waitFor();
  }

  /** The underlines of faults in the active editor; hints, drawn as dots, are not among them. */
  squiggles(): Locator {
    const underlines = "[class*='squiggly-']:not(.squiggly-hint)";
    return this.page.locator(`.editor-group-container.active .view-overlays ${underlines}`);
  }

  /** Messages in the corner of the window. */
  notifications(): Locator {
    return this.page.locator(".notification-toast");
  }

  /** Does something that takes findings away, and waits until the editor shows fewer of them. */
  async waitForFewerSquiggles(action: () => Promise<void>): Promise<void> {
    const before = await this.squiggles().count();
    await action();
    await expect.poll(() => this.squiggles().count(), { timeout: 30_000 }).toBeLessThan(before);
  }

  /** Goes to the first finding and clicks the light bulb; the menu's entries are returned. */
  async openQuickFixes(): Promise<Locator> {
    const box = await this.squiggles().first().boundingBox();
    if (!box) throw new Error("no finding is visible");
    await this.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    // The bulb comes when the server has answered for this line; one of an earlier line may still be there.
    const bulb = this.page.locator(".lightBulbWidget");
    const distance = async () => Math.abs(((await bulb.boundingBox())?.y ?? 0) - box.y);
    await expect.poll(distance, { timeout: 30_000 }).toBeLessThan(box.height);
    await bulb.click();
    const entries = this.page.locator(".action-widget .monaco-list-row.action");
    await entries.first().waitFor();
    return entries;
  }

  /** Types at the end of the file, and waits until it stands there. */
  async typeAtEnd(text: string): Promise<void> {
    await this.page.locator(".editor-group-container.active .view-lines").first().click();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
    await this.page.locator(".editor-group-container.active .view-line", { hasText: text }).waitFor();
  }

  /**
   * Saves what was changed, until `isDone` sees on disk what the save should do. VS Code drops what a save has asked
   * for when an extension registers a provider meanwhile, as its own do in the seconds after a start; it then saves
   * without it, or not at all. A person saves once more.
   */
  async save(isDone: () => Promise<boolean> = async () => true): Promise<void> {
    await this.page.locator(".tab.active.dirty").waitFor();
    const saved = async () => {
      await this.page.keyboard.press("Control+S");
      const clean = this.page.locator(".tab.active:not(.dirty)");
      return clean.waitFor({ timeout: 5_000 }).then(isDone, () => false);
    };
    await expect.poll(saved, { timeout: 30_000, interval: 500 }).toBe(true);
  }

  /** Opens the palette and narrows it to `command`; the matching entries are returned. */
  async findCommand(command: string): Promise<Locator> {
    const input = this.page.locator(".quick-input-widget input[type='text']");
    // A panel that gets the focus back a moment after a choice was made closes the palette: a person asks once more.
    const ask = async () => {
      await this.page.keyboard.press("F1");
      await input.fill(`>${command}`, { timeout: 3_000 });
      return input.inputValue({ timeout: 1_000 });
    };
    await expect.poll(() => ask().catch(String), { timeout: 30_000 }).toBe(`>${command}`);
    return this.page.locator(".quick-input-list .monaco-list-row", { hasText: command });
  }

  async runCommand(command: string): Promise<void> {
    const entries = await this.findCommand(command);
    await entries.and(this.page.locator(".focused")).waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** The document inside the webview that is shown, once it has been loaded. */
  async webview(): Promise<Frame> {
    const outer = await this.page.locator("iframe.webview.ready").elementHandle({ timeout: 120_000 });
    const host = await outer?.contentFrame();
    const inner = await (await host?.waitForSelector("#active-frame"))?.contentFrame();
    if (!inner) throw new Error("the webview has no document");
    return inner;
  }
}
