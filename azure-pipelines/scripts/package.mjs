// Makes dist/*.vsix. tfx needs no network for it. It tells mistakes as warnings and ends with 0 all the same.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

import "./build.mjs";
import { root } from "./project.mjs";

const dist = path.join(root, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const tfx = path.join(root, "node_modules", "tfx-cli", "_build", "tfx-cli.js");
const words = ["extension", "create", "--root", "stage", "--manifests", "vss-extension.json", "--output-path", dist];
const { status, stdout, stderr } = spawnSync(process.execPath, [tfx, ...words, "--no-prompt", "--no-color"], {
  cwd: root,
  encoding: "utf8",
  env: { ...process.env, TFX_TRACE: "" },
});
const said = `${stdout}${stderr}`;
process.stdout.write(said);
if (status !== 0 || /^\s*(warning|error)/im.test(said)) {
  throw new Error("tfx warns: mend what it names");
}
const made = readdirSync(dist).filter((name) => name.endsWith(".vsix"));
if (made.length !== 1) {
  throw new Error(`tfx made ${made.length} packages`);
}
