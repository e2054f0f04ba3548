/** Colours of reports that stand alone, for light and dark. Pure. */

const base = {
  light: { text: "#1c2128", muted: "#57606a", page: "#ffffff", card: "#f6f8fa", grid: "#d5dbe1" },
  dark: { text: "#e6edf3", muted: "#9aa5b1", page: "#0f1419", card: "#181f27", grid: "#333d48" },
};
const lanes = {
  light: ["#0b62c4", "#b3261e", "#6b4fa0", "#19713b", "#8a5a00", "#55606e", "#9a2b6e", "#00707a"],
  dark: ["#6db3ff", "#ff9189", "#c9b1ff", "#74d39a", "#f0bd62", "#b5c0cd", "#f59ac9", "#5fd0d8"],
};

/** Declarations of all variables that pictures and pages use. */
export function themeVariables(scheme: "light" | "dark"): string {
  const own = Object.entries(base[scheme]).map(([name, colour]) => `--${name}: ${colour};`);
  return [...own, ...lanes[scheme].map((colour, index) => `--lane-${index}: ${colour};`)].join(" ");
}
