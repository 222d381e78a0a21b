// The licences of what is bundled, which their texts ask to go with it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { root } from "./project.mjs";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

export function notices(metafile) {
  const folders = new Set(Object.keys(metafile.inputs).map((file) => PACKAGE.exec(file)?.[1]).filter(Boolean));
  const parts = [...folders].sort().map((folder) => notice(path.join(root, folder)));
  return ["# Licences of the packages in index.js", ...parts].join("\n\n") + "\n";
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file && existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), "utf8").trim() : license;
  if (!text) {
    throw new Error(`${name} ${version} is bundled and names no licence`);
  }
  return `## ${name} ${version}\n\n${text}`;
}
