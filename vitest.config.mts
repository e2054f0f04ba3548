// Two kinds of tests: quick ones on the sources, and end-to-end ones on the packed extension.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{client,server}/**/*.test.ts", "scripts/**/*.test.mjs"],
          exclude: ["**/node_modules/**", "client/test/e2e/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["client/test/e2e/**/*.test.ts"],
          // An editor, a browser and a benchmark would disturb each other and whatever else runs.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          hookTimeout: 120_000,
        },
      },
    ],
    testTimeout: 60_000,
  },
});
