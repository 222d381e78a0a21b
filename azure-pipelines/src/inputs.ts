import * as fs from "node:fs";
import * as path from "node:path";

import * as tl from "azure-pipelines-task-lib/task";

import { splitArguments } from "./arguments";
import { refuseOptionsOfInputs } from "./command_line";
import { TaskError } from "./errors";
import { warn } from "./publishing";
import { freeText } from "./sealed";

const CLI_SOURCES = ["install", "path", "wheelhouse"] as const;
const FAIL_ON = ["fault", "warning", "never"] as const;
const REDACT = ["support", "public", "none"] as const;

/** What the step was given, checked. An empty string is an input that was left out. */
export interface Inputs {
  readonly connection: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly cluster: string;
  readonly registry: string;
  readonly image: string;
  readonly errorText: string;
  readonly eventsFile: string;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly allowUnknown: string;
  readonly onlyChecks: string;
  readonly skipChecks: string;
  readonly publishSummary: boolean;
  readonly publishTestResults: boolean;
  readonly testRunTitle: string;
  readonly artifactName: string;
  readonly redact: (typeof REDACT)[number];
  readonly cliSource: (typeof CLI_SOURCES)[number];
  readonly cliVersion: string;
  readonly wheelhouse: string;
  readonly pythonPath: string;
  readonly extraArguments: readonly string[];
  readonly timeoutSeconds: number | undefined;
}

/** Read the inputs. Raises TaskError for the first that cannot be used. */
export function readInputs(): Inputs {
  const cliSource = choice("cliSource", CLI_SOURCES, "install");
  return {
    connection: required("connectedServiceNameARM", "azureSubscription"),
    subscription: text("subscription"),
    resourceGroup: required("resourceGroup"),
    cluster: required("clusterName"),
    registry: required("registryName"),
    image: text("image"),
    errorText: errorText(),
    eventsFile: eventsFile(),
    failOn: choice("failOn", FAIL_ON, "fault"),
    allowUnknown: text("allowUnknown"),
    onlyChecks: text("onlyChecks"),
    skipChecks: text("skipChecks"),
    publishSummary: flag("publishSummary", true),
    publishTestResults: flag("publishTestResults", false),
    testRunTitle: text("testRunTitle"),
    artifactName: text("artifactName"),
    redact: choice("redact", REDACT, "support"),
    cliSource,
    cliVersion: version(),
    wheelhouse: cliSource === "wheelhouse" ? folder("wheelhouse") : "",
    pythonPath: text("pythonPath"),
    extraArguments: extraArguments(),
    timeoutSeconds: seconds(),
  };
}

/** A variable that is not defined reaches the task as it was written. */
const UNDEFINED = /\$\([\w.][\w. -]*\)/;

function text(name: string, alias = name): string {
  return resolved(alias, (tl.getInput(name) ?? "").trim());
}

/** The value itself is not repeated: it may hold anything. */
function resolved(name: string, value: string): string {
  const variable = UNDEFINED.exec(value)?.[0];
  if (variable !== undefined) {
    const verb = variable === value ? "is" : "holds";
    throw new TaskError(`The input ${name} ${verb} ${variable}, a variable that has no value. Set the variable, or correct the step.`);
  }
  return value;
}

function extraArguments(): string[] {
  const words = splitArguments(resolved("extraArguments", freeText("extraArguments").trim()));
  refuseOptionsOfInputs(words);
  return words;
}

/** What a rollout said may well hold `$(…)`; only a text that is nothing else is a variable that nobody set. */
function errorText(): string {
  const value = freeText("errorText");
  const variable = value.trim();
  if (UNDEFINED.exec(variable)?.[0] === variable && variable !== "") {
    warn(`The input errorText is ${variable}, a variable that has no value. The check runs without it.`);
    return "";
  }
  return value;
}

/** A rollout that failed early wrote no file. That is no reason not to explain it. */
function eventsFile(): string {
  const found = given("eventsFile");
  if (found && !isKind(found, "isFile")) {
    warn(`The input eventsFile names ${found}, where there is no file. The check runs without it.`);
    return "";
  }
  return found;
}

function required(name: string, alias = name): string {
  const value = text(name, alias);
  if (!value) {
    throw new TaskError(`The input ${alias} is empty. Set it in the step.`);
  }
  return value;
}

function choice<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  const value = text(name).toLowerCase();
  const found = allowed.find((one) => one === value);
  if (value && !found) {
    throw new TaskError(`The input ${name} is "${value}". Set it to one of: ${allowed.join(", ")}.`);
  }
  return found ?? otherwise;
}

function flag(name: string, otherwise: boolean): boolean {
  const value = text(name).toLowerCase();
  if (value && value !== "true" && value !== "false") {
    throw new TaskError(`The input ${name} is "${value}". Set it to true or false.`);
  }
  return value ? value === "true" : otherwise;
}

function version(): string {
  const value = text("cliVersion");
  if (value && !/^\d+(\.\d+)*((a|b|rc|\.dev|\.post)\d+)*$/.test(value)) {
    throw new TaskError(`The input cliVersion is "${value}". Write one version of aksacr, such as ${CLI_VERSION}.`);
  }
  return value;
}

function seconds(): number | undefined {
  const value = text("timeoutMinutes");
  const minutes = Number(value);
  if (value && !(minutes > 0 && minutes <= 24 * 60)) {
    throw new TaskError(`The input timeoutMinutes is "${value}". Write a number of minutes, such as 5.`);
  }
  return value ? Math.max(1, Math.ceil(minutes * 60)) : undefined;
}

/** A path as an absolute one. The agent puts the folder of the sources into a filePath input that was left empty. */
function given(name: string): string {
  const value = text(name);
  const base = tl.getVariable("System.DefaultWorkingDirectory") ?? process.cwd();
  const whole = value ? path.resolve(base, value) : "";
  const roots = [base, tl.getVariable("Build.SourcesDirectory")].filter((root) => root !== undefined);
  return roots.some((root) => path.resolve(root) === whole) ? "" : whole;
}

function folder(name: string): string {
  const found = given(name);
  if (!found || !isKind(found, "isDirectory")) {
    const what = found ? `names ${found}, where there is no folder` : "is empty, and cliSource is wheelhouse";
    throw new TaskError(`The input ${name} ${what}. Fill a folder with \`pip download -d FOLDER aksacr\` and name it.`);
  }
  return found;
}

function isKind(name: string, kind: "isFile" | "isDirectory"): boolean {
  return fs.statSync(name, { throwIfNoEntry: false })?.[kind]() ?? false;
}
