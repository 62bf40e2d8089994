import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as diary from "../src/index.js";

const PAGES = ["../../README.md", "../../../../../../docs/integrator.md"];

for (const page of PAGES) {
  test(`what ${page.split("/").at(-1)} shows runs`, async () => {
    const text = readFileSync(new URL(page, import.meta.url), "utf8");
    const shown = [...text.matchAll(/```typescript\n(.*?)```/gs)].map(([, code]) => code ?? "");
    assert.ok(shown.length > 0);
    for (const code of shown) {
      const failed: unknown[] = [];
      const console = { assert: (holds: boolean) => holds || failed.push(code) };
      const plain = code.replaceAll(" as const", "").replace(/^import .*\n/gm, "");
      const running = new Function("console", ...Object.keys(diary), `return (async () => {\n${plain}\n})();`);
      await running(console, ...Object.values(diary));
      assert.deepEqual(failed, []);
    }
  });
}
