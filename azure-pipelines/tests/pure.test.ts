import assert from "node:assert/strict";
import { test } from "node:test";

import { splitArguments } from "../src/arguments";
import { refuseOptionsOfInputs } from "../src/command_line";
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

const unseen = (action: string, source: string, reason = "denied (AuthorizationFailed)") => ({ action, source, reason });

test("an undecided step names the permissions once each, and not those of what may stay unknown", () => {
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

test("no permission is named where Azure did not answer", () => {
  for (const reason of ["throttled (429)", "failed (503)", "no answer before the time was up"]) {
    const checks = [check("AKA101", "unknown", { unseen: [unseen("a/read", "/x", reason), unseen("b/read", "/y")] })];
    const { message } = outcomeOf(report(3, "undetermined", checks), "fault", "");
    assert.equal(message, `Undecided. A sentence. Not seen for want of: b/read on /y. Could not be read: /x (${reason}).`);
  }
});

test("of a remedy with a request to pass on, an issue has the first line", () => {
  const fix = { summary: "Ask who runs 10.0.0.4 to allow this\nsource  10.1.0.0/16", commands: [] };
  const issues = issuesOf(report(1, "blocked", [check("AKA343", "fail", { fixes: [fix] })]), true, "");
  assert.deepEqual(issues.map(({ message }) => message), [
    "AKA343 name-of-AKA343: AKA343 says so. Fix: Ask who runs 10.0.0.4 to allow this",
  ]);
});

test("with failOn never a step that found or could not decide something has issues", () => {
  const ends = (checks: Check[], allowed: string) => outcomeOf(report(0, "undetermined", checks), "never", allowed).result;
  assert.equal(ends([check("AKA101", "unknown")], ""), "SucceededWithIssues");
  assert.equal(ends([check("AKA101", "unknown")], "aka101"), "Succeeded");
  assert.equal(ends([check("AKA101", "unknown"), check("AKA102", "unknown")], "aka101"), "SucceededWithIssues");
  assert.equal(ends([check("AKA101", "unknown"), check("AKA102", "warn")], "all"), "SucceededWithIssues");
  assert.equal(ends([check("AKA101", "pass"), check("AKA102", "not-applicable")], ""), "Succeeded");
});

test("a status without a report is told in its own sentence", () => {
  const said = (status: number | undefined, line: string) => outcomeOfStatus({ status, line }).message;
  assert.match(said(2, "no such option"), /asked in a wrong way: no such option\. Correct the inputs/);
  assert.match(said(5, "AADSTS1: no!"), /signing in .* failed: AADSTS1: no! What signs in/);
  assert.match(said(6, ""), /^The check itself crashed\. Report it/);
  assert.match(said(undefined, ""), /was ended by a signal\.$/);
  for (const status of [2, 4, 5, 6, 7, undefined]) {
    assert.equal(outcomeOfStatus({ status, line: "x" }).result, "Failed");
  }
});

const PRINCIPAL = "service principal 1 of tenant 2";

test("advice fits what failed, and names nothing that the task sets itself", () => {
  const cases: [status: number, line: string, said: string, advice: RegExp][] = [
    [
      5,
      `${PRINCIPAL} (AZURE_CLIENT_SECRET) was refused: AADSTS7000222: The keys are expired; make a new client secret, and set AZURE_CLIENT_SECRET to it`,
      `signing in with the service connection failed: ${PRINCIPAL} was refused: AADSTS7000222: The keys are expired.`,
      /Make a new secret/,
    ],
    [
      5,
      `${PRINCIPAL} (AZURE_CLIENT_SECRET) was refused: AADSTS7000215: Invalid; set AZURE_CLIENT_SECRET to the value of a valid secret (not to the secret's id)`,
      `failed: ${PRINCIPAL} was refused: AADSTS7000215: Invalid.`,
      /save its value in the service connection/,
    ],
    [
      5,
      `${PRINCIPAL} (AZURE_CLIENT_SECRET) was refused: AADSTS90002: Tenant '2' not found; check the tenant id and the cloud (--cloud)`,
      "AADSTS90002: Tenant '2' not found.",
      /Correct the application and the tenant of the service connection/,
    ],
    [
      5,
      `${PRINCIPAL} (AZURE_CLIENT_SECRET) could not sign in at https://login.x: its certificate is not trusted (self-signed); if a private authority or a proxy signed it, name that authority's file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE`,
      `could not reach what signs in: ${PRINCIPAL} could not sign in at https://login.x: its certificate is not trusted (self-signed).`,
      /sslcacert/,
    ],
    [
      5,
      "Azure Pipelines gave no OIDC token for service connection 3 (its name does not resolve (Name or service not known)); check that SYSTEM_ACCESSTOKEN is $(System.AccessToken) of this job, and that the pipeline may use the connection",
      "no OIDC token for service connection 3 (its name does not resolve (Name or service not known)).",
      /Let the agent reach that address/,
    ],
    [
      5,
      "Azure Pipelines gave no OIDC token for service connection 3 (HTTP 401 without an oidcToken); check that SYSTEM_ACCESSTOKEN is $(System.AccessToken) of this job, and that the pipeline may use the connection",
      "failed: Azure Pipelines gave no OIDC token for service connection 3 (HTTP 401 without an oidcToken).",
      /Permit the pipeline to use the service connection/,
    ],
    [
      5,
      "not signed in to AzureCloud (AZURE_TOKEN_CREDENTIALS allows only ManagedIdentityCredential; managed identity: nothing answers at http://169.254.169.254). Set what is missing, or unset AZURE_TOKEN_CREDENTIALS",
      "not signed in to AzureCloud (managed identity: nothing answers at http://169.254.169.254).",
      /an agent whose machine has one/,
    ],
    [
      5,
      `${PRINCIPAL} could not sign in at https://login.x: the proxy http://p:3128 (HTTPS_PROXY) does not answer (connection refused); correct it, or unset it`,
      "the proxy http://p:3128 (HTTPS_PROXY) does not answer (connection refused).",
      /--proxyurl/,
    ],
    [
      5,
      `${PRINCIPAL} could not sign in at https://login.x: connection refused`,
      "the agent could not reach what signs in",
      /--proxyurl URL`\); or correct the server URL/,
    ],
    [
      4,
      "cannot ask https://management.x which cloud it is: its name does not resolve (Name or service not known)",
      "Azure could not be asked for the cluster and the registry: cannot ask",
      /server URL in the service connection/,
    ],
    [4, 'there is no cluster "proxy-connection"', "may not be read: there is no cluster", /Correct the names, or give/],
    [4, 'could not read cluster "x": throttled (429)', "Azure could not be asked", /Run the job again/],
  ];
  for (const [status, line, said, advice] of cases) {
    const { message } = outcomeOfStatus({ status, line });
    assert.ok(message.includes(said), message);
    assert.match(message, advice);
    assert.doesNotMatch(message, /AZURE_|SYSTEM_ACCESSTOKEN|REQUESTS_CA_BUNDLE|--cloud/);
  }
});

test("with redact public what aksacr says is not repeated, but its advice is chosen by it", () => {
  const line = 'there is no cluster "secret-name" in subscription 0000';
  const { message } = outcomeOfStatus({ status: 4, line, isPublic: true });
  assert.doesNotMatch(message, /secret-name|0000/);
  assert.match(message, /Correct the names.* The details are left out, because redact is public\.$/);
  const network = outcomeOfStatus({ status: 5, line: "x could not sign in at https://y: connection refused", isPublic: true });
  assert.match(network.message, /could not reach what signs in\. Let the agent reach/);
});

test("the verdict stands where the report cannot be read", () => {
  const end = (status: number) => outcomeOfStatus({ status, line: "", isUnreadable: true });
  assert.deepEqual([0, 1, 3].map((status) => end(status).result), ["SucceededWithIssues", "Failed", "SucceededWithIssues"]);
  assert.match(end(1).message, /^Faults found/);
  assert.match(end(5).message, /signing in/);
});

test("an option for which there is an input is refused, and its value is not repeated", () => {
  for (const [line, input] of [
    ["--allow-unknown=all", "allowUnknown"],
    ["--debug --fail-on never", "failOn"],
    ["-g hidden", "resourceGroup"],
    ["-nhidden", "clusterName"],
  ] as const) {
    assert.throws(
      () => refuseOptionsOfInputs(splitArguments(line)),
      (error: Error) => error.message.includes(`Set ${input} instead`) && !error.message.includes("hidden"),
    );
  }
  refuseOptionsOfInputs(splitArguments("--debug --only-show-errors --report sarif=x -o none --query a"));
});
