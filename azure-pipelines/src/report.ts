import * as fs from "node:fs";

import { TaskError } from "./errors";

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

/** Read a report; undefined when there is none. Raises TaskError for one that this task cannot read. */
export function readReport(file: string): Report | undefined {
  if (!fs.existsSync(file)) {
    return undefined;
  }
  const found: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
  const version = isRecord(found) ? String(found["schemaVersion"]) : "none";
  if (!isReport(found)) {
    throw new TaskError(
      `The report has the schema version ${version}, and this task reads 1.x. Leave the input cliVersion out, or update the extension.`,
    );
  }
  return found;
}

/** Whether the parts that the task reads are there; the report was validated against its schema where it was made. */
function isReport(found: unknown): found is Report {
  return (
    isRecord(found) &&
    String(found["schemaVersion"]).startsWith("1.") &&
    isRecord(found["verdict"]) &&
    Array.isArray(found["verdict"]["rootCauses"]) &&
    Array.isArray(found["checks"]) &&
    found["checks"].every((check) => isRecord(check) && Array.isArray(check["fixes"]) && Array.isArray(check["unseen"]))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
