import * as tl from "azure-pipelines-task-lib/task";

import { TaskError } from "./errors";
import { keepSecret } from "./secrets";
import { pipelineVariables, secretVariable } from "./sealed";

export type Environment = Record<string, string>;

/**
 * What would sign in as somebody else (left over from another step, or an empty variable, which azure-identity takes
 * for a set one), name another target, load other Python code, or hand our own inputs on.
 */
const DROPPED =
  /^(AZURE|ARM_|IDENTITY_|MSI_|IMDS_|AKSACR_|ENDPOINT_|INPUT_|SECUREFILE_|SYSTEM_ACCESSTOKEN$|SYSTEM_OIDCREQUESTURI$|PYTHON|VIRTUAL_ENV$|__PYVENV)/i;
/** These lead an installation out of its virtual environment. */
const MISLEADS_PIP = /^PIP_(USER|TARGET|PREFIX|ROOT|REQUIRE_VIRTUALENV)$/i;
const ANNOUNCES_AN_IDENTITY = /^(IDENTITY_|MSI_|IMDS_|AZURE_POD_IDENTITY_AUTHORITY_HOST$)/i;

/** The environment of the agent without what steers sign-in and Python, with the agent's proxy and certificates. Raises TaskError. */
export function cleanEnvironment(): Environment {
  const kept = chosen((name) => !DROPPED.test(name) && !MISLEADS_PIP.test(name));
  return { ...kept, ...proxy(kept), ...certificates(kept), NO_COLOR: "1", PYTHONUTF8: "1", TF_BUILD: "True" };
}

/** The same for the check itself, which has no business with the credentials of a package index. */
export function withoutPip(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^PIP_/i.test(name)));
}

/**
 * How the machine says that it has a managed identity (Container Apps, App Service, Arc name an endpoint).
 * A pipeline's variable of such a name is not the machine's word, and is left out.
 */
export function announcedIdentity(): Environment {
  return chosen((name) => ANNOUNCES_AN_IDENTITY.test(name) && !pipelineVariables.has(name.toUpperCase()));
}

function chosen(wanted: (name: string) => boolean): Environment {
  const found: Environment = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && wanted(name)) {
      found[name] = value;
    }
  }
  return found;
}

/** The agent's proxy, unless the step or the machine names one of its own. */
function proxy(given: Environment): Environment {
  const address = tl.getVariable("Agent.ProxyUrl");
  if (!address || has(given, "HTTPS_PROXY") || has(given, "HTTP_PROXY")) {
    return {};
  }
  const url = proxyUrl(address);
  const password = secretVariable("Agent.ProxyPassword");
  url.username = encodeURIComponent(tl.getVariable("Agent.ProxyUsername") ?? secretVariable("Agent.ProxyUsername") ?? "");
  url.password = encodeURIComponent(password ?? "");
  keepSecret(password);
  keepSecret(password && encodeURIComponent(password));
  const bypass = bypassed();
  const shown = url.href.replace(/\/$/, "");
  return { HTTPS_PROXY: shown, HTTP_PROXY: shown, ...(bypass && !has(given, "NO_PROXY") ? { NO_PROXY: bypass } : {}) };
}

/** A host and a port without `http://` are a URL, too, of the scheme "host". Raises TaskError, without what may hold a password. */
function proxyUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !url.hostname) {
    throw new TaskError(
      "The agent's proxy setting (Agent.ProxyUrl) is no address that begins with http:// or https://. Configure the agent anew with `./config.sh --proxyurl http://HOST:PORT`.",
    );
  }
  return url;
}

/** The agent's list holds expressions, NO_PROXY holds names: those that are a name in disguise are carried over. */
function bypassed(): string {
  let list: unknown;
  try {
    list = JSON.parse(tl.getVariable("Agent.ProxyBypassList") ?? "[]");
  } catch {
    return "";
  }
  return (Array.isArray(list) ? list : [])
    .map((one) => String(one).replace(/^\^?(https?:\/\/)?(\.\*\\?\.)?/, "").replace(/\$$/, "").replaceAll("\\.", "."))
    .filter((name) => /^[\w.-]+$/.test(name))
    .join(",");
}

function certificates(given: Environment): Environment {
  const file = tl.getVariable("Agent.CAInfo");
  return file && !has(given, "REQUESTS_CA_BUNDLE") ? { REQUESTS_CA_BUNDLE: file } : {};
}

function has(environment: Environment, name: string): boolean {
  return Object.entries(environment).some(([key, value]) => key.toUpperCase() === name && value !== "");
}
