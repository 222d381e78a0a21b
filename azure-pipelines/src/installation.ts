import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as tl from "azure-pipelines-task-lib/task";

import type { Cancellation } from "./cancellation";
import { answerOf, run } from "./child";
import type { Environment } from "./environment";
import { CancelledError, TaskError } from "./errors";
import { say } from "./log";
import type { Python } from "./python";
import type { Source } from "./sources";

const IS_WINDOWS = process.platform === "win32";
/** How its interpreter runs aksacr: neither the working folder nor the user's own packages stand before the installed. */
export const MODULE = ["-I", "-X", "utf8", "-u", "-m", "aksacr"];
const COMPLETE = ".complete";
const A_DAY = 24 * 3600 * 1000;
/** Whether the interpreter runs, and every file of code is there in the size that pip wrote down: a tenth of a second. */
const IS_WHOLE = `
import importlib.metadata as installed
installed.version("aksacr")
files = (file for each in installed.distributions() for file in each.files or ())
code = (file for file in files if file.suffix in (".py", ".so", ".pyd"))
print("whole" if all(file.size in (None, file.locate().stat().st_size) for file in code) else "broken")
`;

/**
 * A virtual environment with aksacr in the agent's tool folder, made when there is none; returns its interpreter.
 *
 * It is made beside its place under a name of its own and then renamed, so that two jobs at once never see half of
 * one. One that no longer runs (its Python was removed) is made anew. Raises TaskError, and CancelledError.
 */
export async function installed(
  source: Source,
  python: Python,
  environment: Environment,
  cancellation: Cancellation,
): Promise<string> {
  const place = placeOf(source, python);
  if (await isHealthy(place, environment, cancellation)) {
    say(`aksacr ${source.version} (${place})`);
    return interpreter(place);
  }
  sweep(path.dirname(place));
  const draft = beside(place, "building");
  try {
    await build(draft, source, python, environment, cancellation);
    const kept = await putInPlace(draft, place, environment, cancellation);
    say(`aksacr ${source.version} (${kept}, installed now)`);
    return interpreter(kept);
  } catch (thrown) {
    fs.rmSync(draft, { recursive: true, force: true, maxRetries: 3 });
    throw thrown;
  }
}

function placeOf(source: Source, python: Python): string {
  const origin = createHash("sha256").update(`${source.mark}\n${python.executable}`).digest("hex").slice(0, 8);
  const name = `py${python.version}-${python.machine}-${origin}`;
  return path.join(toolFolder(), source.version, name);
}

/** The agent's tool folder, which outlives the job; where it may not be written to, the job's own folder. */
function toolFolder(): string {
  const wanted = [tl.getVariable("Agent.ToolsDirectory"), tl.getVariable("Agent.TempDirectory")];
  for (const folder of [...wanted, os.tmpdir()]) {
    if (!folder) {
      continue;
    }
    const root = path.join(folder, "aksacr");
    try {
      fs.mkdirSync(root, { recursive: true });
      fs.accessSync(root, fs.constants.W_OK);
      return root;
    } catch {
      say(`${root} may not be written to; aksacr is not kept there for the next job`);
    }
  }
  throw new TaskError("No folder can be written to, neither the agent's tool folder nor its temporary one. Free or permit one.");
}

function interpreter(place: string): string {
  return path.join(place, ...(IS_WINDOWS ? ["Scripts", "python.exe"] : ["bin", "python"]));
}

async function isHealthy(place: string, environment: Environment, cancellation: Cancellation): Promise<boolean> {
  if (!fs.existsSync(path.join(place, COMPLETE))) {
    return false;
  }
  const answer = await answerOf(interpreter(place), ["-I", "-c", IS_WHOLE], environment, cancellation);
  if (answer?.trim() !== "whole") {
    return false;
  }
  const version = await answerOf(interpreter(place), [...MODULE, "--version"], environment, cancellation);
  return version?.startsWith("aksacr ") ?? false;
}

async function build(
  draft: string,
  source: Source,
  python: Python,
  environment: Environment,
  cancellation: Cancellation,
): Promise<void> {
  fs.mkdirSync(path.dirname(draft), { recursive: true });
  await step(python.executable, ["-I", "-m", "venv", draft], environment, cancellation, () => {
    return `${python.executable} could not make a virtual environment in ${draft}. Name another interpreter in the input pythonPath.`;
  });
  // --no-compile: Python compiles what it loads, which is a small part of Azure's packages, when it first loads it.
  const pip = ["-I", "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "--no-input"];
  await step(interpreter(draft), [...pip, ...source.pipWords], environment, cancellation, (lines) => {
    const said = lines.findLast((line) => line.startsWith("ERROR: "))?.slice("ERROR: ".length);
    return `pip could not install aksacr ${source.version}${said ? ` (${said})` : ""}. ${adviceFor(source)}`;
  });
  fs.writeFileSync(path.join(draft, COMPLETE), "");
}

function adviceFor(source: Source): string {
  return source.mark === "index"
    ? "Let pip reach a package index that has it (PIP_INDEX_URL, the agent's proxy), or name a folder of wheels: cliSource wheelhouse."
    : "Fill the folder with the wheels of aksacr and of all that it needs, for this agent's system and Python.";
}

/** Run one program of the installation, and say in one sentence why it failed. */
async function step(
  command: string,
  words: readonly string[],
  environment: Environment,
  cancellation: Cancellation,
  failure: (lines: string[]) => string,
): Promise<void> {
  const lines: string[] = [];
  const ended = await run(command, words, environment, cancellation, (line) => {
    lines.push(line);
    say(line);
  });
  if (cancellation.isRequested) {
    throw new CancelledError("cancelled");
  }
  if (ended.status !== 0) {
    throw new TaskError(failure(lines));
  }
}

/** Rename the draft to its place. Another job may have been faster: a healthy installation is never replaced. */
async function putInPlace(
  draft: string,
  place: string,
  environment: Environment,
  cancellation: Cancellation,
): Promise<string> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      fs.renameSync(draft, place);
      return place;
    } catch {
      if (await isHealthy(place, environment, cancellation)) {
        fs.rmSync(draft, { recursive: true, force: true, maxRetries: 3 });
        return place;
      }
      setAside(place);
    }
  }
  return draft; // it is whole where it is; a later job will try again
}

function setAside(place: string): void {
  const aside = beside(place, "broken");
  try {
    fs.renameSync(place, aside);
    fs.rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // in use by another job, or gone
  }
}

function beside(place: string, what: string): string {
  return `${place}.${what}-${randomBytes(4).toString("hex")}`;
}

/** Remove what jobs left that were killed in the middle, when no job can be at it any more. */
function sweep(folder: string): void {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  for (const name of names.filter((each) => /\.(building|broken)-[0-9a-f]{8}$/.test(each))) {
    const left = path.join(folder, name);
    try {
      if (Date.now() - fs.statSync(left).mtimeMs > A_DAY) {
        fs.rmSync(left, { recursive: true, force: true });
      }
    } catch {
      // another job removed it
    }
  }
}
