import * as fs from "node:fs";
import * as path from "node:path";

import * as tl from "azure-pipelines-task-lib/task";

import type { Cancellation } from "./cancellation";
import { answerOf } from "./child";
import type { Environment } from "./environment";
import { TaskError } from "./errors";

const IS_WINDOWS = process.platform === "win32";
const OLDEST: Version = [3, 11, 0];
const ADVICE =
  "Put UsePythonVersion@0 with versionSpec '3.12' before this task, or name an interpreter in the input pythonPath.";
const QUESTION = `
import importlib.util, json, platform, sys
can = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
print(json.dumps([list(sys.version_info[:3]), sys.executable, platform.machine().lower(), can]))
`;

type Version = [number, number, number];

/** An interpreter that aksacr can be installed with. */
export interface Python {
  readonly executable: string;
  readonly version: string;
  readonly machine: string;
}

/** Find an interpreter: the one that was named, else on PATH, else the newest of the agent's tool folder. Raises TaskError, and CancelledError. */
export async function findPython(
  named: string,
  environment: Environment,
  cancellation: Cancellation,
): Promise<Python> {
  const seen: string[] = [];
  for (const [command, ...words] of named ? [[named]] : candidates()) {
    if (command === undefined) {
      continue;
    }
    const answer = await answerOf(command, [...words, "-I", "-c", QUESTION], environment, cancellation);
    const found = answer === undefined ? `${command} is no Python that answers` : judged(command, answer);
    if (typeof found !== "string") {
      return found;
    }
    seen.push(found);
  }
  const what = seen.length > 0 ? seen.join("; ") : "there is no Python on this agent's PATH or in its tool folder";
  throw new TaskError(`aksacr needs Python 3.11 or newer, and none was found: ${what}. ${ADVICE}`);
}

function candidates(): string[][] {
  const onPath = ["python3", "python"].map((name) => tl.which(name, false)).filter((file) => file !== "");
  const launcher = IS_WINDOWS ? tl.which("py", false) : "";
  return [...onPath.map((file) => [file]), ...(launcher ? [[launcher, "-3"]] : []), ...toolFolder()];
}

/** Where UsePythonVersion finds its interpreters: Python/<version>/<architecture>, the newest first. */
function toolFolder(): string[][] {
  const root = path.join(tl.getVariable("Agent.ToolsDirectory") ?? "", "Python");
  return folders(root)
    .sort((one, other) => other.localeCompare(one, "en", { numeric: true }))
    .flatMap((version) => folders(path.join(root, version)).map((kind) => path.join(root, version, kind)))
    .map((folder) => path.join(folder, ...(IS_WINDOWS ? ["python.exe"] : ["bin", "python3"])))
    .filter((file) => fs.existsSync(file))
    .map((file) => [file]);
}

function folders(root: string): string[] {
  try {
    return fs.readdirSync(root, { withFileTypes: true }).filter((each) => each.isDirectory()).map((each) => each.name);
  } catch {
    return [];
  }
}

function isAnswer(found: unknown): found is [Version, string, string, boolean] {
  if (!Array.isArray(found)) {
    return false;
  }
  const [version, executable, machine, canMakeEnvironments] = found as unknown[];
  return (
    Array.isArray(version) &&
    version.length === OLDEST.length &&
    version.every((part) => typeof part === "number") &&
    typeof executable === "string" &&
    typeof machine === "string" &&
    typeof canMakeEnvironments === "boolean"
  );
}

function judged(command: string, answer: string): Python | string {
  let parts: unknown;
  try {
    parts = JSON.parse(answer);
  } catch {
    parts = undefined;
  }
  if (!isAnswer(parts)) {
    return `${command} answers in no known form`;
  }
  const [version, executable, machine, canMakeEnvironments] = parts;
  const shown = version.join(".");
  if (isBefore(version, OLDEST)) {
    return `${executable} is ${shown}, which is too old`;
  }
  if (!canMakeEnvironments) {
    return `${executable} (${shown}) cannot make virtual environments (Debian and Ubuntu keep that in the package python3-venv)`;
  }
  return { executable, version: shown, machine };
}

function isBefore(one: Version, other: Version): boolean {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}
