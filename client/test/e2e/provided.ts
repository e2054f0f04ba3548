/** What `npm test` provides for the end-to-end tests, handed over in environment variables. */

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the end-to-end tests with \`npm test\``);
  return value;
}

/** Paths of the packed extension and of the programs that test it. Each throws when it was not provided. */
export const provided = {
  vsix: () => required("THREADPROOF_VSIX"),
  python313: () => required("THREADPROOF_PYTHON313"),
  python313t: () => required("THREADPROOF_PYTHON313T"),
  editorNode: () => required("THREADPROOF_EDITOR_NODE"),
  codeServer: () => required("THREADPROOF_CODE_SERVER"),
  browser: () => required("THREADPROOF_CHROMIUM"),
};
