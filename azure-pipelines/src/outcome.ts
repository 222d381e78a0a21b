import { isAllowed } from "./issues";
import type { Report } from "./report";

/** How the step ends. The words are the agent's own; task-lib's enumeration writes "Cancelled", which no agent knows. */
export interface Outcome {
  readonly result: "Succeeded" | "SucceededWithIssues" | "Failed" | "Canceled";
  readonly message: string;
}

/** aksacr's exit statuses that are not a verdict. */
const COULD_NOT_RUN: Readonly<Record<number, readonly [what: string, todo: string]>> = {
  2: ["The check could not run, because it was asked in a wrong way", "Correct the inputs of the step."],
  4: [
    "The check could not run, because the cluster or the registry is not there or may not be read",
    "Correct the names, or give the service connection's identity Reader on them.",
  ],
  5: [
    "The check could not run, because signing in with the service connection failed",
    "What signs in is kept in the service connection: Project settings > Service connections > Edit.",
  ],
  6: ["The check itself crashed", "Report it with this log."],
};

const MOST_NAMED = 5;

/** How the step ends when aksacr wrote a report. */
export function outcomeOf(report: Report, failOn: string, allowed: string): Outcome {
  const { exitStatus, outcome, summary } = report.verdict;
  switch (exitStatus) {
    case 0:
      return report.checks.some((check) => check.status === "fail" || check.status === "warn" || check.status === "crash")
        ? { result: "SucceededWithIssues", message: `${outcome}: ${summary}` }
        : { result: "Succeeded", message: summary };
    case 1:
      return outcome === "at-risk"
        ? { result: "Failed", message: `Warnings found, and failOn is ${failOn}. ${summary}` }
        : { result: "Failed", message: `Faults found. ${summary}` };
    case 3:
      return { result: "SucceededWithIssues", message: `Undecided. ${summary}${notSeen(report, allowed)}` };
    case 6:
      return { result: "Failed", message: `A check crashed: ${crashed(report)}. ${summary} Report it with this log.` };
    default:
      return { result: "Failed", message: `aksacr ended with status ${exitStatus}, which this task does not know.` };
  }
}

/** How the step ends when aksacr ended otherwise than by a verdict: `line` is what it said last. */
export function outcomeOfStatus(status: number | undefined, line: string): Outcome {
  const said = line ? `: ${line}` : "";
  const known = status === undefined ? undefined : COULD_NOT_RUN[status];
  if (known !== undefined) {
    return { result: "Failed", message: `${known[0]}${ended(said)} ${known[1]}` };
  }
  const how = status === undefined ? "was ended by a signal" : `ended with status ${status}${status === 0 ? " and wrote no report" : ""}`;
  return { result: "Failed", message: `The check could not run: aksacr ${how}${ended(said)}` };
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function crashed(report: Report): string {
  const checks = report.checks.filter((check) => check.status === "crash");
  return checks.map((check) => `${check.code} ${check.name}`).join(", ");
}

/** The permissions that would have shown what was not seen. */
function notSeen(report: Report, allowed: string): string {
  const blind = report.checks.filter((check) => check.status === "unknown" && !isAllowed(check, allowed));
  const unseen = blind.flatMap((check) => check.unseen).filter((each) => each.action !== "");
  const named = [...new Set(unseen.map((each) => `${each.action} on ${each.source}`))];
  const shown = named.slice(0, MOST_NAMED).join("; ");
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : "";
  return shown ? ` Not seen for want of: ${shown}${more}.` : "";
}
