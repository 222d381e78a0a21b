// Bundles the task and lays out the extension in stage/: a real tree, because tfx looks for task.json nowhere else.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { build } from "esbuild";

import { notices } from "./notices.mjs";
import { root, version, versionsThatDisagree } from "./project.mjs";

const stage = path.join(root, "stage");
const task = path.join(stage, "AksAcrCheck", "AksAcrCheckV1");

const wrong = versionsThatDisagree();
if (wrong.length > 0) {
  throw new Error(`versions disagree with package.json (${version}): ${wrong.join("; ")}`);
}

rmSync(stage, { recursive: true, force: true });
mkdirSync(task, { recursive: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile: path.join(task, "index.js"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  charset: "utf8",
  legalComments: "none", // notices.md holds them
  metafile: true,
  define: { CLI_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});

for (const name of ["task.json", "icon.png"]) {
  cpSync(path.join(root, "AksAcrCheck", "AksAcrCheckV1", name), path.join(task, name));
}
writeFileSync(path.join(task, "notices.md"), notices(metafile));
for (const name of ["vss-extension.json", "overview.md", "images"]) {
  cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
}
writeFileSync(path.join(stage, "license.md"), readFileSync(path.join(root, "..", "LICENSE")));
