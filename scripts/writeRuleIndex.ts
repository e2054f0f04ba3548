// Writes docs/rules/README.md; a test holds it equal to the rules.
import { writeFileSync } from "node:fs";
import { ruleIndex } from "./ruleIndex.ts";

writeFileSync("docs/rules/README.md", ruleIndex());
