import * as fs from "node:fs";

import * as tl from "azure-pipelines-task-lib/task";

import type { Inputs } from "./inputs";
import type { Issue } from "./issues";
import { safe, say } from "./log";
import type { Outcome } from "./outcome";
import type { Report } from "./report";

/** Where aksacr writes its reports. */
export interface ReportFiles {
  readonly folder: string;
  readonly json: string;
  readonly markdown: string;
  readonly junit: string;
  readonly sarif: string;
}

export function raise(issues: readonly Issue[]): void {
  for (const { kind, code, message } of issues) {
    const type = kind === "error" ? tl.IssueType.Error : tl.IssueType.Warning;
    tl.logIssue(type, safe(message), undefined, undefined, undefined, code || undefined);
  }
}

export function warn(message: string): void {
  tl.logIssue(tl.IssueType.Warning, safe(message));
}

/** Hand to the agent what was written. It reads the files after the task has ended; a restricted step only warns. */
export function publish(files: ReportFiles, inputs: Inputs): void {
  if (inputs.publishSummary && fs.existsSync(files.markdown)) {
    tl.uploadSummary(files.markdown);
  }
  if (inputs.publishTestResults && fs.existsSync(files.junit)) {
    const title = inputs.testRunTitle || defaultTitle(inputs);
    new tl.TestPublisher("JUnit").publish(files.junit, "false", "", "", safe(title), "true");
  }
  if (inputs.artifactName && fs.readdirSync(files.folder).length > 0) {
    if (tl.getVariable("System.HostType") === "build") {
      tl.uploadArtifact(inputs.artifactName, files.folder, inputs.artifactName);
    } else {
      // The agent would fail the step: ArtifactCommandExtension takes uploads of builds only.
      say("A classic release publishes no artifacts; the reports stay in the job's temporary folder.");
    }
  }
}

function defaultTitle(inputs: Inputs): string {
  return inputs.redact === "public" ? "aksacr" : `aksacr: ${inputs.cluster} from ${inputs.registry}`;
}

/** Set the output variables. `error` is the result of a check that could not run. */
export function setOutputs(report?: Report, status?: number, files?: ReportFiles): void {
  const count = (kind: string) => String(report?.checks.filter((check) => check.status === kind).length ?? 0);
  const there = (file = "") => (fs.existsSync(file) ? file : "");
  const values: Record<string, string> = {
    checkResult: report?.verdict.outcome ?? "error",
    exitStatus: status === undefined ? "" : String(status),
    rootCauses: report?.verdict.rootCauses.join(",") ?? "",
    failedCount: count("fail"),
    warningCount: count("warn"),
    reportMarkdown: there(files?.markdown),
    reportJson: there(files?.json),
    reportJunit: there(files?.junit),
  };
  for (const [name, value] of Object.entries(values)) {
    tl.setVariable(name, safe(value), false, true);
  }
}

/** Tell the agent how the step ends; with the message in its list of errors or warnings. */
export function complete(outcome: Outcome): void {
  const message = safe(outcome.message);
  if (outcome.result === "Failed") {
    tl.logIssue(tl.IssueType.Error, message);
  } else if (outcome.result === "SucceededWithIssues") {
    tl.logIssue(tl.IssueType.Warning, message);
  }
  tl.command("task.complete", { result: outcome.result }, message);
}
