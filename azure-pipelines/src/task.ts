import { randomUUID } from "node:crypto";
import * as fs from "node:fs";

import type { Cancellation } from "./cancellation";
import { run, type Stream } from "./child";
import { findCli } from "./cli";
import { commandLine } from "./command_line";
import { type Connection, readConnection } from "./connection";
import { cleanEnvironment, type Environment, withoutPip } from "./environment";
import { CancelledError, TaskError } from "./errors";
import type { Folders } from "./folders";
import { type Inputs, readInputs } from "./inputs";
import { issuesOf } from "./issues";
import { say } from "./log";
import { type End, type Outcome, outcomeOf, outcomeOfStatus } from "./outcome";
import { publish, raise, type ReportFiles, setOutputs, warn } from "./publishing";
import { readReport } from "./report";

const CANCELLED: Outcome = { result: "Canceled", message: "The job was cancelled." };
const SAID_BY_AKSACR = /^(?:aksacr|Error): /; // the second where the command line itself cannot be read

/**
 * Check, publish, and say how the step ends. Raises TaskError for what the user can mend before anything ran, and
 * CancelledError.
 */
export async function check(folders: Folders, cancellation: Cancellation): Promise<Outcome> {
  const inputs = readInputs();
  const connection = readConnection(inputs.connection);
  requireSubscription(inputs, connection);
  say(`Signing in with the service connection: ${connection.how}`);
  const environment = cleanEnvironment();
  const cli = await findCli(inputs, environment, cancellation);
  say(`Running aksacr ${cli.version}`);

  const files = reportFiles(folders);
  const words = [...cli.words, ...commandLine(inputs, connection, files, errorFiles(inputs, folders))];
  cancellation.throwIfRequested();
  const isPublic = inputs.redact === "public";
  let line = "";
  const hear = (said: string, stream: Stream) => {
    // With --redact=public aksacr masks what it prints on stdout, but its remarks name what they are about.
    if (stream === "stdout" || !isPublic) {
      say(said);
    }
    line = SAID_BY_AKSACR.test(said) ? said.replace(SAID_BY_AKSACR, "") : line;
  };
  try {
    const { status } = await run(cli.command, words, forTheCheck(environment, connection, folders), cancellation, hear);
    return concluded(inputs, files, { status, line, isPublic }, cancellation);
  } finally {
    folders.remove();
  }
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
 * in the working folder and its parents, hence a name that no checkout has. A certificate's key is written here, when
 * nothing stands before the check any more.
 */
function forTheCheck(environment: Environment, connection: Connection, folders: Folders): Environment {
  const key = connection.certificate;
  return {
    ...withoutPip(environment),
    ...connection.environment,
    ...(key === undefined ? {} : { AZURE_CLIENT_CERTIFICATE_PATH: folders.keep("connection.pem", key) }),
    AZURE_CONFIG_DIR: folders.empty(`az-${randomUUID()}`),
    PYTHONUNBUFFERED: "1",
  };
}

function concluded(
  inputs: Inputs,
  files: ReportFiles,
  end: End,
  cancellation: Cancellation,
): Outcome {
  const { status } = end;
  const isCancelled = cancellation.isRequested || status === 130;
  const found = readReport(files.json);
  const isUnreadable = typeof found === "string";
  const report = isUnreadable ? undefined : found;
  if (isUnreadable && !isCancelled) {
    warn(found);
  }
  // They differ when aksacr failed after its verdict: a report that could not be written, for want of space.
  const isVerdict = report !== undefined && report.verdict.exitStatus === status;
  const outcome = isVerdict ? outcomeOf(report, inputs.failOn, inputs.allowUnknown) : outcomeOfStatus({ ...end, isUnreadable });
  if (report && !isCancelled) {
    raise(issuesOf(report, outcome.result === "Failed", inputs.allowUnknown));
  }
  publish(files, inputs);
  setOutputs(report, status, files);
  return isCancelled ? CANCELLED : outcome;
}

/** How the step ends after something was thrown. */
export function outcomeOfError(thrown: unknown, isCancelled: boolean): Outcome {
  if (isCancelled || thrown instanceof CancelledError) {
    return CANCELLED;
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const message = thrown instanceof TaskError ? text : `The task failed: ${text}`;
  return { result: "Failed", message: message.replace(/\s+/g, " ").trim() };
}
