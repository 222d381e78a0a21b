import type { Check, Report } from "./report";

/** Something for the run's list of errors and warnings. */
export interface Issue {
  readonly kind: "error" | "warning";
  readonly code: string;
  readonly message: string;
}

/** The agent shows the first ten errors and the first ten warnings of a step; one of them is the step's own result. */
export const MOST_OF_A_KIND = 9;

/**
 * The findings as issues, the most severe first, at most nine of a kind.
 *
 * isFailed: whether the step fails; in a step that does not (`failOn: never`) a fault is a warning.
 * allowed: what may stay unknown, as in the input allowUnknown.
 */
export function issuesOf(report: Report, isFailed: boolean, allowed: string): Issue[] {
  const causes = report.verdict.rootCauses;
  const rank = (check: Check) => (causes.includes(check.code) ? causes.indexOf(check.code) : causes.length);
  const having = (...statuses: Check["status"][]) => report.checks.filter((check) => statuses.includes(check.status));
  const faults = having("fail").sort((one, other) => rank(one) - rank(other));
  const severe = [...faults, ...having("crash")].map((check) => issue(isFailed ? "error" : "warning", check));
  const mild = [...having("warn"), ...having("unknown").filter((check) => !isAllowed(check, allowed))];
  const all = [...severe, ...mild.map((check) => issue("warning", check))];
  return (["error", "warning"] as const).flatMap((kind) => first(all.filter((each) => each.kind === kind)));
}

/** Nine, or eight and how many more there are. */
function first(issues: readonly Issue[]): Issue[] {
  const [one] = issues;
  if (one === undefined || issues.length <= MOST_OF_A_KIND) {
    return [...issues];
  }
  const shown = issues.slice(0, MOST_OF_A_KIND - 1);
  const left = issues.slice(MOST_OF_A_KIND - 1).map((each) => each.code);
  return [...shown, { kind: one.kind, code: "", message: `${left.length} more are in the report: ${left.join(", ")}` }];
}

function issue(kind: Issue["kind"], check: Check): Issue {
  const fix = check.status === "fail" || check.status === "warn" ? check.fixes[0]?.summary.split("\n")[0] : undefined;
  const status = check.status === "unknown" ? "could not be decided: " : check.status === "crash" ? "crashed: " : "";
  const cure = fix === undefined ? "" : ` Fix: ${fix}`;
  return { kind, code: check.code, message: `${check.code} ${check.name}: ${status}${check.message}${cure}` };
}

/** Whether a check may stay unknown: by code or name, without regard to case, or `all`. */
export function isAllowed(check: Pick<Check, "code" | "name">, allowed: string): boolean {
  const words = allowed.toLowerCase().split(",").map((word) => word.trim());
  return ["all", check.code.toLowerCase(), check.name.toLowerCase()].some((name) => words.includes(name));
}
