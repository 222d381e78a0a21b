import * as fs from "node:fs";

/** What the task reads of aksacr's JSON report, schema version 1.x. */
export interface Report {
  readonly schemaVersion: string;
  readonly verdict: {
    readonly outcome: "blocked" | "at-risk" | "clear" | "undetermined";
    readonly rootCauses: readonly string[];
    readonly summary: string;
    readonly exitStatus: number;
  };
  readonly checks: readonly Check[];
}

/** What one check said. */
export interface Check {
  readonly code: string;
  readonly name: string;
  readonly status: "pass" | "warn" | "fail" | "unknown" | "not-applicable" | "crash";
  readonly message: string;
  readonly fixes: readonly { readonly summary: string; readonly commands: readonly string[] }[];
  readonly unseen: readonly { readonly source: string; readonly action: string; readonly reason: string }[];
}

/** Read a report; undefined when there is none, and a sentence that says why when this task cannot read it. */
export function readReport(file: string): Report | string | undefined {
  if (!fs.existsSync(file)) {
    return undefined;
  }
  let found: unknown;
  try {
    found = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return "The JSON report of aksacr is no JSON. The step ends by aksacr's exit status alone.";
  }
  if (!isReport(found)) {
    const version = isRecord(found) ? String(found["schemaVersion"]) : "none";
    return `The JSON report of aksacr has the schema version ${version}, or another form than this task knows, which is 1.x. Leave the input cliVersion out, or update the extension.`;
  }
  return found;
}

/** Whether the parts that the task reads are there; the report was validated against its schema where it was made. */
function isReport(found: unknown): found is Report {
  return (
    isRecord(found) &&
    String(found["schemaVersion"]).startsWith("1.") &&
    isRecord(found["verdict"]) &&
    hasTexts(found["verdict"], "outcome", "summary") &&
    typeof found["verdict"]["exitStatus"] === "number" &&
    Array.isArray(found["verdict"]["rootCauses"]) &&
    Array.isArray(found["checks"]) &&
    found["checks"].every(isCheck)
  );
}

function isCheck(found: unknown): found is Check {
  return (
    isRecord(found) &&
    hasTexts(found, "code", "name", "status", "message") &&
    areAll(found["fixes"], "summary") &&
    areAll(found["unseen"], "source", "action", "reason")
  );
}

function areAll(found: unknown, ...members: readonly string[]): boolean {
  return Array.isArray(found) && found.every((each: unknown) => isRecord(each) && hasTexts(each, ...members));
}

function hasTexts(found: Record<string, unknown>, ...members: readonly string[]): boolean {
  return members.every((member) => typeof found[member] === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
