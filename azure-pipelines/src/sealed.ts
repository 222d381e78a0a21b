/**
 * What the agent hands over in secret. It is taken out of the environment before azure-pipelines-task-lib is loaded,
 * which prints the endpoints' and the proxy's secrets as debug lines, and before any child could inherit it. Hence
 * main.ts imports this module first. The same goes for the two inputs that take text of any kind: task-lib's getInput
 * prints each value that it reads, and a failed rollout's output may hold a password.
 *
 * The names are the agent's (Agent.Worker/Handlers/Handler.cs): the id of an endpoint keeps its letters, keys are upper case.
 */
const IS_SECRET = /^((SECRET|ENDPOINT_AUTH|SECUREFILE_TICKET)_|INPUT_(ERRORTEXT|EXTRAARGUMENTS)$)/i;

const sealed = new Map<string, string>();

for (const [name, value] of Object.entries(process.env)) {
  if (IS_SECRET.test(name)) {
    if (value) {
      sealed.set(name.toUpperCase(), value);
    }
    delete process.env[name];
  }
}

/** The names of the pipeline's public variables, in the form that the environment has them. */
export const pipelineVariables: ReadonlySet<string> = new Set(variableNames().map(environmentName));

function variableNames(): string[] {
  try {
    const names: unknown = JSON.parse(process.env["VSTS_PUBLIC_VARIABLES"] ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // azure-pipelines-task-lib says so when it reads the same
  }
}

function environmentName(variable: string): string {
  return variable.replace(/[. ]/g, "_").toUpperCase();
}

/** A parameter of a service connection's authorization; undefined when it has none, or an empty one. */
export function endpointParameter(id: string, key: string): string | undefined {
  return sealed.get(`ENDPOINT_AUTH_PARAMETER_${id}_${key}`.toUpperCase());
}

/** The scheme of a service connection's authorization, in lower case. */
export function endpointScheme(id: string): string | undefined {
  return sealed.get(`ENDPOINT_AUTH_SCHEME_${id}`.toUpperCase())?.toLowerCase();
}

/** The input errorText or extraArguments, as it was given; empty when it was left out. */
export function freeText(input: "errorText" | "extraArguments"): string {
  return sealed.get(`INPUT_${input.toUpperCase()}`) ?? "";
}

/** A secret variable of the pipeline or the agent, by its name (`Agent.ProxyPassword`). */
export function secretVariable(name: string): string | undefined {
  return sealed.get(`SECRET_${environmentName(name)}`);
}
