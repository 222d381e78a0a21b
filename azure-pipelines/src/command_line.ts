import type { Connection } from "./connection";
import { TaskError } from "./errors";
import type { Inputs } from "./inputs";
import type { ReportFiles } from "./publishing";

/** The options of aksacr that an input stands for, which then decides on the step's result, too. */
const INPUTS: Readonly<Record<string, string>> = {
  "--resource-group": "resourceGroup",
  "-g": "resourceGroup",
  "--name": "clusterName",
  "-n": "clusterName",
  "--acr": "registryName",
  "--subscription": "subscription",
  "-s": "subscription",
  "--image": "image",
  "--error": "errorText or eventsFile",
  "--only": "onlyChecks",
  "--skip": "skipChecks",
  "--fail-on": "failOn",
  "--allow-unknown": "allowUnknown",
  "--redact": "redact",
  "--timeout": "timeoutMinutes",
};

/** Raises TaskError when an option stands among the words for which there is an input. */
export function refuseOptionsOfInputs(words: readonly string[]): void {
  for (const word of words) {
    const option = /^(?:--[^=]+|-[^-])/.exec(word)?.[0] ?? "";
    const input = INPUTS[option];
    if (input !== undefined) {
      throw new TaskError(`The input extraArguments holds ${option}, for which there is an input. Set ${input} instead.`);
    }
  }
}

/**
 * The words after `aksacr`. Values stand behind `=`, so that none is taken for an option; nothing secret is among them.
 * errorFiles: files with what was seen to fail.
 */
export function commandLine(
  inputs: Inputs,
  connection: Connection,
  files: ReportFiles,
  errorFiles: readonly string[],
): string[] {
  const optional: readonly (readonly [option: string, value: string])[] = [
    ["--cloud", connection.cloud],
    ["--subscription", inputs.subscription || connection.subscription],
    ["--image", inputs.image],
    ["--only", inputs.onlyChecks],
    ["--skip", inputs.skipChecks],
    ["--allow-unknown", inputs.allowUnknown],
    // aksacr's own habit is the task's `support`: files are masked, and in the log commands stay ready to paste.
    ["--redact", inputs.redact === "support" ? "" : inputs.redact],
    ["--timeout", inputs.timeoutSeconds === undefined ? "" : String(inputs.timeoutSeconds)],
  ];
  return [
    "check",
    `--resource-group=${inputs.resourceGroup}`,
    `--name=${inputs.cluster}`,
    `--acr=${inputs.registry}`,
    ...optional.filter(([, value]) => value !== "").map(([option, value]) => `${option}=${value}`),
    ...errorFiles.map((file) => `--error=@${file}`),
    `--fail-on=${inputs.failOn}`,
    "--output=text",
    `--report=json=${files.json}`,
    `--report=markdown=${files.markdown}`,
    `--report=junit=${files.junit}`,
    `--report=sarif=${files.sarif}`,
    ...inputs.extraArguments,
  ];
}
