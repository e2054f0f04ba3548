/** The page of the benchmark panel: everything it may load is named here. Knows no editor. */
import { pageStyle } from "./pageStyle.ts";

export interface PageParts {
  /** Its address as the webview sees it. */
  readonly script: string;
  readonly nonce: string;
  readonly title: string;
  /** Shown until the script has something to show. */
  readonly working: string;
}

export function benchmarkPage({ script, nonce, title, working }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<main id="content"><p>${escapeHtml(working)}</p></main>
<p id="news" class="unseen" role="status"></p>
<script nonce="${nonce}" src="${escapeHtml(script)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
