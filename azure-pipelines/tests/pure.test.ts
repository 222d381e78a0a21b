import assert from "node:assert/strict";
import { test } from "node:test";

import { splitArguments } from "../src/arguments";
import { issuesOf, MOST_OF_A_KIND } from "../src/issues";
import { neutralise } from "../src/log_safety";
import { outcomeOf, outcomeOfStatus } from "../src/outcome";
import type { Check, Report } from "../src/report";

test("words are split at blanks, quotes hold them together, and no shell reads them", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["  --debug   -o json ", ["--debug", "-o", "json"]],
    [`--image 'a b' "c 'd' e"f ''`, ["--image", "a b", "c 'd' ef", ""]],
    ["--only=AKA1;AKA2 $(id) `id` && *", ["--only=AKA1;AKA2", "$(id)", "`id`", "&&", "*"]],
    ["C:\\Program\\x", ["C:\\Program\\x"]],
  ];
  for (const [line, words] of cases) {
    assert.deepEqual(splitArguments(line), words);
  }
  assert.throws(() => splitArguments("a 'b"), /opens a quote \('\)/);
});

test("what an agent would act on is broken, in every form that its search finds, and nothing else", () => {
  assert.equal(neutralise("a ##vso[task.x]y ##[error]z"), "a ##_vso[task.x]y ##_[error]z");
  assert.equal(neutralise("##VSO[x"), "##_VSO[x");
  assert.equal(neutralise("#\u00ad#v\u200bso[x"), "#\u00ad#_v\u200bso[x");
  assert.equal(neutralise("##v\u{e0020}so[x"), "##_v\u{e0020}so[x");
  for (const text of ["## heading", "#[x", "##vs[x", "C## vso", "äöü ✔", ""]) {
    assert.equal(neutralise(text), text);
  }
  const once = neutralise("###vso[##vso[");
  assert.equal(neutralise(once), once);
  assert.ok(!once.includes("##vso["));
});

function check(code: string, status: Check["status"], changes: Partial<Check> = {}): Check {
  return { code, name: `name-of-${code}`, status, message: `${code} says so.`, fixes: [], unseen: [], ...changes };
}

function report(exitStatus: number, outcome: Report["verdict"]["outcome"], checks: Check[], causes: string[] = []): Report {
  return { schemaVersion: "1.0", verdict: { outcome, rootCauses: causes, summary: "A sentence.", exitStatus }, checks };
}

test("root causes come first, and no more of a kind than the agent shows beside the result", () => {
  const many = Array.from({ length: 14 }, (_, at) => check(`AKA${100 + at}`, "fail"));
  const mild = Array.from({ length: 14 }, (_, at) => check(`AKA${200 + at}`, at % 2 ? "warn" : "unknown"));
  const issues = issuesOf(report(1, "blocked", [...many, ...mild], ["AKA113", "AKA105"]), true, "");
  const errors = issues.filter((issue) => issue.kind === "error");
  const warnings = issues.filter((issue) => issue.kind === "warning");
  assert.deepEqual(errors.slice(0, 3).map((issue) => issue.code), ["AKA113", "AKA105", "AKA100"]);
  assert.equal(errors.length, MOST_OF_A_KIND);
  assert.equal(warnings.length, MOST_OF_A_KIND);
  assert.equal(errors.at(-1)?.message, "6 more are in the report: AKA107, AKA108, AKA109, AKA110, AKA111, AKA112");
  assert.equal(warnings[0]?.code, "AKA201", "a warning is more than something unknown");
});

test("a step that does not fail raises no errors, and what may stay unknown raises nothing", () => {
  const checks = [check("AKA101", "fail"), check("AKA203", "unknown"), check("AKA343", "unknown")];
  const issues = issuesOf(report(0, "blocked", checks), false, "aka203, Name-of-AKA343");
  assert.deepEqual(issues.map(({ kind, code }) => [kind, code]), [["warning", "AKA101"]]);
  assert.deepEqual(issuesOf(report(0, "undetermined", checks.slice(1)), false, "all"), []);
});

test("a crashed check fails the step with its name", () => {
  const crashed = report(6, "undetermined", [check("AKA101", "crash"), check("AKA102", "pass")]);
  const outcome = outcomeOf(crashed, "fault", "");
  assert.equal(outcome.result, "Failed");
  assert.match(outcome.message, /^A check crashed: AKA101 name-of-AKA101\. A sentence\./);
  assert.deepEqual(issuesOf(crashed, true, "").map(({ kind }) => kind), ["error"]);
});

test("an undecided step names the permissions once each, and not those of what may stay unknown", () => {
  const unseen = (action: string, source: string) => ({ action, source, reason: "denied" });
  const checks = [
    check("AKA101", "unknown", { unseen: [unseen("a/read", "/x"), unseen("a/read", "/x"), unseen("", "/y")] }),
    check("AKA102", "unknown", { unseen: [unseen("b/read", "/z")] }),
  ];
  const outcome = outcomeOf(report(3, "undetermined", checks), "fault", "AKA102");
  assert.deepEqual(outcome, {
    result: "SucceededWithIssues",
    message: "Undecided. A sentence. Not seen for want of: a/read on /x.",
  });
});

test("a status without a report is told in its own sentence", () => {
  assert.match(outcomeOfStatus(2, "no such option").message, /asked in a wrong way: no such option\. Correct the inputs/);
  assert.match(outcomeOfStatus(5, "AADSTS1: no!").message, /signing in .* failed: AADSTS1: no! What signs in/);
  assert.match(outcomeOfStatus(6, "").message, /^The check itself crashed\. Report it/);
  assert.match(outcomeOfStatus(undefined, "").message, /was ended by a signal\.$/);
  for (const status of [2, 4, 5, 6, 7, undefined]) {
    assert.equal(outcomeOfStatus(status, "x").result, "Failed");
  }
});
