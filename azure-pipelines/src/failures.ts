/**
 * What a person does about it in Azure Pipelines when aksacr could not run.
 *
 * aksacr's own advice is for a shell: it names variables and options which the task sets itself. It is taken away, and
 * what stands here is said instead, by what failed. The patterns are of aksacr's sentences (aksacr/azure/sign_in_errors.py,
 * tls.py, proxies.py, credentials.py, service_connection.py, target.py) and of Entra's codes
 * (learn.microsoft.com/entra/identity-platform/reference-error-codes).
 */
const SETTING =
  "(?:\\b(?:AZURE_[A-Z_]+|SYSTEM_[A-Z]+|REQUESTS_CA_BUNDLE|SSL_CERT_FILE|CURL_CA_BUNDLE|NO_PROXY)\\b|\\(?--cloud\\)?|`az login`|user:password@)";
/** A clause up to the next one, or up to the end of the brackets that it stands in. */
const WORDS = "(?:[^;()]|\\([^()]*\\))*?";
const ADVICE: readonly RegExp[] = [
  /AZURE_TOKEN_CREDENTIALS allows only [^;)]*(?:; )?/g,
  /\. (?:Set what is missing, or unset AZURE_TOKEN_CREDENTIALS|Run `az login`.*)$/,
  /; correct(?: it,)? or unset it/g,
  new RegExp(`; ${WORDS}${SETTING}(?:[^;()]|\\([^()]*\\))*`, "g"),
  /; enable the application, or use another one$|; check the tenant id$/,
  / \((?:AZURE_[A-Z_]+|IDENTITY_ENDPOINT|MSI_ENDPOINT)\)/g,
];

const CONNECTION = "Project settings > Service connections > Edit";
const APPLICATION_IDS = `Correct the application and the tenant of the service connection, and its environment (the cloud): ${CONNECTION}.`;
const NEW_SECRET = `Make a new secret for the application, and save its value in the service connection: ${CONNECTION}.`;
const FEDERATED =
  "Add a federated credential to the application with the issuer and the subject that the service connection shows.";

/** By Entra's code. */
const BY_CODE: Readonly<Record<string, string>> = {
  AADSTS7000215: NEW_SECRET,
  AADSTS7000222: NEW_SECRET,
  AADSTS7000112: "Enable the application in Entra, or choose another service connection.",
  AADSTS700016: APPLICATION_IDS,
  AADSTS90002: APPLICATION_IDS,
  AADSTS900023: APPLICATION_IDS,
  AADSTS700027: `Register the connection's certificate with the application, or save the registered one in the service connection: ${CONNECTION}.`,
  AADSTS700024: "Run the job again; if it fails again, correct the clock of the agent's machine.",
  AADSTS70021: FEDERATED,
  AADSTS700211: FEDERATED,
  AADSTS700212: FEDERATED,
  AADSTS700213: FEDERATED,
};

/** By what aksacr says, the first that fits. */
const BY_WORDS: readonly { readonly words: RegExp; readonly advice: string; readonly isNetwork?: boolean }[] = [
  {
    words: /identity (?:has not been|not) (?:assigned|found)|identity not found/i,
    advice: `Assign that identity to the agent's machine, or correct it in the service connection: ${CONNECTION}.`,
  },
  {
    words: /\bmanaged identity\b.*(?:nothing answers at|did not answer in time|could not sign in at|no response)/i,
    advice:
      "The agent's machine has no managed identity that answers: run the job on an agent whose machine has one (hosted agents have none), or choose another service connection.",
  },
  {
    words: /certificate is not trusted|TLS failed|no PEM file of certificates|\b(?:SSL_CERT_\w+|\w+_CA_BUNDLE) names/,
    advice: "Give the agent the authority that signs there: `./config.sh --sslcacert FILE`.",
    isNetwork: true,
  },
  {
    words: /\bthe proxy \S+ \(|_PROXY names a \w+ proxy/i,
    advice:
      "Correct the agent's proxy (`./config.sh --proxyurl URL --proxyusername USER --proxypassword PASSWORD`), or have it let Azure's hosts through.",
    isNetwork: true,
  },
  {
    words:
      /does not resolve|did not answer in time|no answer \(|no answer before|connection (?:refused|reset|timed out|aborted)|network is unreachable|no route to host|cannot ask \S+ which cloud|is this an ARM endpoint|could not sign in at \S+: (?!HTTP)/i,
    advice:
      "Let the agent reach that address: directly, or by the agent's proxy (`./config.sh --proxyurl URL`); or correct the server URL in the service connection.",
    isNetwork: true,
  },
  {
    words: /gave no OIDC token/,
    advice:
      "Permit the pipeline to use the service connection (Project settings > Service connections > Security), and run the job again: its token may be over.",
  },
  { words: /\bthrottled \(|failed \(5\d\d|HTTP (?:429|5\d\d)/, advice: "Run the job again: Azure refused for the moment.", isNetwork: true },
  {
    words: /\bdenied \(|; needs Microsoft\./,
    advice: "Correct the names, or give the service connection's identity Reader on them.",
  },
];

const OTHERWISE: Readonly<Record<number, string>> = {
  2: "Correct the inputs of the step.",
  4: "Correct the names, or give the service connection's identity Reader on them.",
  5: `What signs in is kept in the service connection: ${CONNECTION}.`,
  6: "Report it with this log.",
};

/** Why aksacr could not run, and what to do about it. */
export interface Failure {
  /** Whether the network, or Azure for the moment, is to blame, and not what the step or the connection names. */
  readonly isNetwork: boolean;
  readonly advice: string;
}

/** Read the last line of an aksacr that ended with this status. */
export function failureOf(status: number, line: string): Failure {
  const otherwise: Failure = { isNetwork: false, advice: OTHERWISE[status] ?? "" };
  if (status !== 4 && status !== 5) {
    return otherwise;
  }
  const code = /\bAADSTS\d+/.exec(line)?.[0];
  const byCode = code === undefined ? undefined : BY_CODE[code];
  if (byCode !== undefined) {
    return { isNetwork: false, advice: byCode };
  }
  const found = BY_WORDS.find(({ words }) => code === undefined && words.test(line));
  return found === undefined ? otherwise : { isNetwork: found.isNetwork ?? false, advice: found.advice };
}

/** The line without what it advises for a shell: it names variables and options that the task sets itself. */
export function withoutAdvice(line: string): string {
  return ADVICE.reduce((rest, advice) => rest.replace(advice, ""), line).trim();
}
