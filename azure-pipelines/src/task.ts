import { randomUUID } from "node:crypto";
import * as fs from "node:fs";

import type { Cancellation } from "./cancellation";
import { run } from "./child";
import { findCli } from "./cli";
import { commandLine } from "./command_line";
import { type Connection, readConnection } from "./connection";
import { cleanEnvironment, type Environment, withoutPip } from "./environment";
import { CancelledError, TaskError } from "./errors";
import type { Folders } from "./folders";
import { type Inputs, readInputs } from "./inputs";
import { issuesOf } from "./issues";
import { say } from "./log";
import { type Outcome, outcomeOf, outcomeOfStatus } from "./outcome";
import { publish, raise, type ReportFiles, setOutputs } from "./publishing";
import { readReport } from "./report";

const CANCELLED: Outcome = { result: "Canceled", message: "The job was cancelled." };
const SAID_BY_AKSACR = /^(?:aksacr|Error): /; // the second where the command line itself cannot be read

/**
 * Check, publish, and say how the step ends. Raises TaskError for what the user can mend before anything ran, and
 * CancelledError.
 */
export async function check(folders: Folders, cancellation: Cancellation): Promise<Outcome> {
  const inputs = readInputs();
  const connection = readConnection(inputs.connection, folders);
  requireSubscription(inputs, connection);
  say(`Signing in with the service connection: ${connection.how}`);
  const environment = cleanEnvironment();
  const cli = await findCli(inputs, environment, cancellation);
  say(`Running aksacr ${cli.version}`);

  const files = reportFiles(folders);
  const words = [...cli.words, ...commandLine(inputs, connection, files, errorFiles(inputs, folders))];
  let last = "";
  const ended = await run(cli.command, words, forTheCheck(environment, connection, folders), cancellation, (line) => {
    say(line);
    last = SAID_BY_AKSACR.test(line) ? line.replace(SAID_BY_AKSACR, "") : last;
  });
  return concluded(inputs, files, ended.status, last, cancellation);
}

function requireSubscription(inputs: Inputs, connection: Connection): void {
  if (!inputs.subscription && !connection.subscription) {
    throw new TaskError(
      "The service connection names no subscription (it was made for a management group or a workspace). Set the input subscription to the cluster's.",
    );
  }
}

function reportFiles(folders: Folders): ReportFiles {
  return {
    folder: folders.reports,
    json: folders.report("aksacr.json"),
    markdown: folders.report("aksacr.md"),
    junit: folders.report("TEST-aksacr.xml"),
    sarif: folders.report("aksacr.sarif"),
  };
}

/** What was seen to fail goes to aksacr in files: it may hold anything, and is no word of a command line. */
function errorFiles(inputs: Inputs, folders: Folders): string[] {
  const pasted = inputs.errorText.trim() ? [folders.keep("error.txt", inputs.errorText)] : [];
  if (inputs.eventsFile && fs.statSync(inputs.eventsFile).size === 0) {
    say(`${inputs.eventsFile} is empty; nothing was seen to fail there`);
    return pasted;
  }
  return inputs.eventsFile ? [...pasted, inputs.eventsFile] : pasted;
}

/**
 * The agent's az settings are nobody's word here: az's folder is an empty one. az also reads a folder of the same name
 * in the working folder and its parents, hence a name that no checkout has.
 */
function forTheCheck(environment: Environment, connection: Connection, folders: Folders): Environment {
  return {
    ...withoutPip(environment),
    ...connection.environment,
    AZURE_CONFIG_DIR: folders.empty(`az-${randomUUID()}`),
    PYTHONUNBUFFERED: "1",
  };
}

function concluded(
  inputs: Inputs,
  files: ReportFiles,
  status: number | undefined,
  last: string,
  cancellation: Cancellation,
): Outcome {
  const isCancelled = cancellation.isRequested || status === 130;
  const report = readReport(files.json);
  // They differ when aksacr failed after its verdict: a report that could not be written, for want of space.
  const isVerdict = report !== undefined && report.verdict.exitStatus === status;
  const outcome = isVerdict ? outcomeOf(report, inputs.failOn, inputs.allowUnknown) : outcomeOfStatus(status, last);
  if (report && !isCancelled) {
    raise(issuesOf(report, outcome.result === "Failed", inputs.allowUnknown));
  }
  publish(files, inputs);
  setOutputs(report, status, files);
  return isCancelled ? CANCELLED : outcome;
}

/** How the step ends after something was thrown. */
export function outcomeOfError(thrown: unknown): Outcome {
  if (thrown instanceof CancelledError) {
    return CANCELLED;
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const message = thrown instanceof TaskError ? text : `The task failed: ${text}`;
  return { result: "Failed", message: message.replace(/\s+/g, " ").trim() };
}
