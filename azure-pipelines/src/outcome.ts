import { failureOf, withoutAdvice } from "./failures";
import { isAllowed } from "./issues";
import type { Report } from "./report";

/** How the step ends. The words are the agent's own; task-lib's enumeration writes "Cancelled", which no agent knows. */
export interface Outcome {
  readonly result: "Succeeded" | "SucceededWithIssues" | "Failed" | "Canceled";
  readonly message: string;
}

/** aksacr's exit statuses that are not a verdict. */
const COULD_NOT_RUN: Readonly<Record<number, string>> = {
  2: "The check could not run, because it was asked in a wrong way",
  4: "The check could not run, because the cluster or the registry is not there or may not be read",
  5: "The check could not run, because signing in with the service connection failed",
  6: "The check itself crashed",
};
const NOT_REACHED: Readonly<Record<number, string>> = {
  4: "The check could not run, because Azure could not be asked for the cluster and the registry",
  5: "The check could not run, because the agent could not reach what signs in",
};
/** The verdicts, where the report that holds the rest cannot be read. */
const WITHOUT_REPORT: Readonly<Record<number, Outcome>> = {
  0: { result: "SucceededWithIssues", message: "No fault was found, but the report cannot be read." },
  1: { result: "Failed", message: "Faults found, but the report that names them cannot be read. Look at this log." },
  3: { result: "SucceededWithIssues", message: "Undecided, and the report that says why cannot be read. Look at this log." },
};

const MOST_NAMED = 5;
/** aksacr's words for an answer that a permission would change (aksacr/azure/reading.py, graph.py). */
const REFUSED = /^denied\b|SubscriptionNotFound|^no token for Microsoft Graph\b/i;
/** And for one that may be another the next time. */
const PASSING = /^(?:throttled|no answer|failed)\b/;

/** How the step ends when aksacr wrote a report. */
export function outcomeOf(report: Report, failOn: string, allowed: string): Outcome {
  const { exitStatus, outcome, summary } = report.verdict;
  switch (exitStatus) {
    case 0:
      return isClear(report, allowed)
        ? { result: "Succeeded", message: summary }
        : { result: "SucceededWithIssues", message: `${outcome}: ${summary}${notSeen(report, allowed)}` };
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

/** Whether there is nothing to look at; with `failOn: never` aksacr ends with 0 whatever it found. */
function isClear(report: Report, allowed: string): boolean {
  return report.checks.every((check) => {
    return check.status === "unknown" ? isAllowed(check, allowed) : ["pass", "not-applicable"].includes(check.status);
  });
}

/** What is known of an aksacr that left no report that fits its status. */
export interface End {
  /** undefined: a signal ended it. */
  readonly status: number | undefined;
  /** What it said last. */
  readonly line: string;
  /** Whether there is a report, which the task cannot read. */
  readonly isUnreadable?: boolean;
  /** `redact: public`: the line, which may hold names and ids, is not repeated. */
  readonly isPublic?: boolean;
}

/** How the step ends when aksacr ended otherwise than by a verdict. */
export function outcomeOfStatus({ status, line, isUnreadable = false, isPublic = false }: End): Outcome {
  const verdict = status === undefined || !isUnreadable ? undefined : WITHOUT_REPORT[status];
  if (verdict !== undefined) {
    return verdict;
  }
  const left = isPublic && line ? " The details are left out, because redact is public." : "";
  const words = withoutAdvice(line);
  const said = words && !isPublic ? `: ${words}` : "";
  const what = status === undefined ? undefined : COULD_NOT_RUN[status];
  if (what !== undefined && status !== undefined) {
    const failure = failureOf(status, line);
    const happened = failure.isNetwork ? (NOT_REACHED[status] ?? what) : what;
    return { result: "Failed", message: `${happened}${ended(said)} ${failure.advice}${left}` };
  }
  const how = status === undefined ? "was ended by a signal" : `ended with status ${status}${status === 0 ? " and wrote no report" : ""}`;
  return { result: "Failed", message: `The check could not run: aksacr ${how}${ended(said)}${left}` };
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function crashed(report: Report): string {
  const checks = report.checks.filter((check) => check.status === "crash");
  return checks.map((check) => `${check.code} ${check.name}`).join(", ");
}

/** What was not seen: for want of a permission, or because Azure did not answer, which no permission changes. */
function notSeen(report: Report, allowed: string): string {
  const blind = report.checks.filter((check) => check.status === "unknown" && !isAllowed(check, allowed));
  const unseen = blind.flatMap((check) => check.unseen).filter((each) => each.action !== "" || PASSING.test(each.reason));
  const refused = unseen.filter((each) => REFUSED.test(each.reason)).map((each) => `${each.action} on ${each.source}`);
  const failed = unseen.filter((each) => !REFUSED.test(each.reason)).map((each) => `${each.source} (${each.reason})`);
  return named("Not seen for want of", refused) + named("Could not be read", failed);
}

function named(what: string, all: readonly string[]): string {
  const each = [...new Set(all)];
  const more = each.length > MOST_NAMED ? ` and ${each.length - MOST_NAMED} more` : "";
  return each.length > 0 ? ` ${what}: ${each.slice(0, MOST_NAMED).join("; ")}${more}.` : "";
}
