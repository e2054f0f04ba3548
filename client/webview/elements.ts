/** Builds the page's elements; texts stay texts. */

type Child = Node | string;

/** @param attributes `class`, `aria-…` and so on; no styles, which the page's content policy forbids */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export function button(label: string, onClick: () => void, look = ""): HTMLButtonElement {
  const made = make("button", { type: "button", ...(look && { class: look }) }, label);
  made.addEventListener("click", onClick);
  return made;
}

/** Backquotes become code. */
export function prose(text: string): Node[] {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? make("code", {}, part) : document.createTextNode(part)));
}

/** An SVG of paths; colours are variables of the style sheet, so they follow the theme by themselves. */
export function drawing(
  viewBox: string,
  paths: readonly Readonly<Record<string, string | number>>[],
): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  for (const attributes of paths) {
    const path = document.createElementNS(space, "path");
    for (const [name, value] of Object.entries(attributes)) {
      path.setAttribute(name, String(value));
    }
    svg.append(path);
  }
  return svg;
}
