/** The page that explains a rule, for people who see only its name. */
export function rulePage(rule: string): string {
  return `https://github.com/threadproof/threadproof/blob/main/docs/rules/${rule}.md`;
}
