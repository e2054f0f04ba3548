// Writes server/src/rules/catalogue.ts from the rule files in the family folders; a test holds it equal to them.
import { writeFileSync } from "node:fs";
import { ruleCatalogue } from "./ruleCatalogue.ts";

writeFileSync("server/src/rules/catalogue.ts", ruleCatalogue());
