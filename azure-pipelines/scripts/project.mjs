// Where the project lies, and the versions that must agree.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const read = (name) => readFileSync(path.join(root, name), "utf8");
const json = (name) => JSON.parse(read(name));

export const version = json("package.json").version;

// A task's major version is the number behind its name (AksAcrCheck@1) and cannot follow aksacr's, which began with 0.
// Minor is therefore 100 * major + minor of aksacr: it rises whenever aksacr's version does, and
// agents take the highest.
export function taskVersion(cli) {
  const [major, minor, patch] = cli.split(".").map(Number);
  return { Major: 1, Minor: 100 * major + minor, Patch: patch };
}

export function versionsThatDisagree() {
  const cli = /__version__ = "([^"]+)"/.exec(read("../aksacr/__init__.py"))?.[1];
  const task = json("AksAcrCheck/AksAcrCheckV1/task.json").version;
  const wanted = taskVersion(version);
  return [
    ["aksacr/__init__.py", cli, version],
    ["vss-extension.json", json("vss-extension.json").version, version],
    ["task.json", JSON.stringify(task), JSON.stringify(wanted)],
  ]
    .filter(([, is, shall]) => is !== shall)
    .map(([file, is, shall]) => `${file} has ${is}, not ${shall}`);
}
