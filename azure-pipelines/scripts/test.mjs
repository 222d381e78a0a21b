// Runs tests/*.test.ts with node's own test runner, on the node that runs this.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";

import { build } from "esbuild";

import { root } from "./project.mjs";

const out = path.join(root, "stage-tests");
rmSync(out, { recursive: true, force: true });
const entryPoints = readdirSync(path.join(root, "tests")).filter((name) => name.endsWith(".test.ts"));
await build({
  absWorkingDir: root,
  entryPoints: entryPoints.map((name) => `tests/${name}`),
  outdir: out,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "inline",
  define: { CLI_VERSION: '"0.1.0"' },
  logLevel: "warning",
});
const files = entryPoints.map((name) => path.join(out, name.replace(/\.ts$/, ".js")));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
  stdio: "inherit",
  env: { ...process.env, AGENT_TEMPDIRECTORY: out }, // where task-lib keeps the key of its vault
});
process.exitCode = status ?? 1;
