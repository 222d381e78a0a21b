import * as tl from "azure-pipelines-task-lib/task";

import type { Cancellation } from "./cancellation";
import { answerOf } from "./child";
import type { Environment } from "./environment";
import { TaskError } from "./errors";
import type { Inputs } from "./inputs";
import { installed, MODULE } from "./installation";
import { findPython } from "./python";
import { say } from "./log";
import { fromIndex, fromWheelhouse } from "./sources";

/** aksacr, ready to run: the program, the words that go before its own, and its version. */
export interface Cli {
  readonly command: string;
  readonly words: readonly string[];
  readonly version: string;
}

/** Find or install aksacr as the inputs ask. Raises TaskError, and CancelledError. */
export async function findCli(inputs: Inputs, environment: Environment, cancellation: Cancellation): Promise<Cli> {
  if (inputs.cliSource === "path") {
    return onPath(environment, cancellation);
  }
  const source =
    inputs.cliSource === "wheelhouse"
      ? fromWheelhouse(inputs.wheelhouse, inputs.cliVersion)
      : fromIndex(inputs.cliVersion || CLI_VERSION);
  const python = await findPython(inputs.pythonPath, environment, cancellation);
  say(`Python ${python.version} (${python.executable})`);
  const interpreter = await installed(source, python, environment, cancellation);
  return { command: interpreter, words: MODULE, version: source.version };
}

async function onPath(environment: Environment, cancellation: Cancellation): Promise<Cli> {
  const command = tl.which("aksacr", false);
  const answer = command ? await answerOf(command, ["--version"], environment, cancellation) : undefined;
  const version = answer === undefined ? undefined : /^aksacr (\S+)/.exec(answer)?.[1];
  if (!version) {
    const what = command ? `${command} does not run` : "there is no aksacr on PATH";
    throw new TaskError(
      `The input cliSource is path, and ${what}. Install it in an earlier step (\`pip install aksacr\`), or leave cliSource out.`,
    );
  }
  return { command, words: [], version };
}
