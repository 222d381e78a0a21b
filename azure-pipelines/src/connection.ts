import * as tl from "azure-pipelines-task-lib/task";

import { announcedIdentity, type Environment } from "./environment";
import { TaskError } from "./errors";
import { endpointParameter, endpointScheme } from "./sealed";
import { keepSecret } from "./secrets";

const CLOUDS = ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment"];

/** A service connection, as aksacr is told of it: everything that signs in stands in the environment. */
export interface Connection {
  /** How it signs in, for the log. */
  readonly how: string;
  readonly environment: Environment;
  /** Key and certificate, which azure-identity takes from a file only; undefined for the other ways to sign in. */
  readonly certificate: string | undefined;
  /** Empty for a connection that was made for a management group. */
  readonly subscription: string;
  /** What `--cloud` takes; empty when the connection names none. */
  readonly cloud: string;
}

/** Read a service connection. Writes nothing. Raises TaskError. */
export function readConnection(id: string): Connection {
  const scheme = endpointScheme(id);
  switch (scheme) {
    case "serviceprincipal":
      return connected(id, ...servicePrincipal(id));
    case "workloadidentityfederation":
      return connected(id, "workload identity federation", federated(id));
    case "managedserviceidentity":
      return connected(id, "managed identity", managedIdentity(id));
    case undefined:
      throw new TaskError(
        `The service connection ${id} was not handed to this job. Choose an Azure Resource Manager connection in azureSubscription, and permit the pipeline to use it.`,
      );
    default:
      throw new TaskError(
        `The service connection signs in by ${scheme}, which aksacr cannot. Choose one with a service principal, workload identity federation or a managed identity.`,
      );
  }
}

function connected(id: string, how: string, environment: Environment, certificate?: string): Connection {
  const data = (key: string) => (tl.getEndpointDataParameter(id, key, true) ?? "").trim();
  const environmentName = data("environment").toLowerCase();
  const known = CLOUDS.find((cloud) => cloud.toLowerCase() === environmentName);
  const url = (tl.getEndpointUrl(id, true) ?? "").replace(/\/+$/, "");
  return { how, environment, certificate, subscription: data("subscriptionid"), cloud: known ?? url };
}

function servicePrincipal(id: string): [how: string, environment: Environment, certificate?: string] {
  const base = {
    AZURE_TENANT_ID: needed(id, "tenantid"),
    AZURE_CLIENT_ID: needed(id, "serviceprincipalid"),
    AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
  };
  if (endpointParameter(id, "authenticationtype")?.toLowerCase() === "spncertificate") {
    const certificate = needed(id, "serviceprincipalcertificate");
    keepSecret(certificate);
    return ["service principal with a certificate", base, certificate];
  }
  const secret = needed(id, "serviceprincipalkey");
  keepSecret(secret);
  return ["service principal with a secret", { ...base, AZURE_CLIENT_SECRET: secret }];
}

/** What AzureCLI@2 and AzurePowerShell@5 export for such a connection, and the job's own token beside it. */
function federated(id: string): Environment {
  const token = endpointParameter("SYSTEMVSSCONNECTION", "accesstoken");
  if (!token) {
    throw new TaskError(
      "The agent did not hand over the job's access token, without which the service connection has no OIDC token. Run the task in a job on an agent that is signed in to Azure DevOps.",
    );
  }
  keepSecret(token);
  return {
    AZURE_TOKEN_CREDENTIALS: "AzurePipelinesCredential",
    AZURESUBSCRIPTION_TENANT_ID: needed(id, "tenantid"),
    AZURESUBSCRIPTION_CLIENT_ID: needed(id, "serviceprincipalid"),
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: id,
    SYSTEM_ACCESSTOKEN: token,
    SYSTEM_OIDCREQUESTURI: oidcAddress(),
  };
}

/** Azure DevOps names the address in a variable; servers that are older than the variable have it at the same place. */
function oidcAddress(): string {
  const address = tl.getVariable("System.OidcRequestUri");
  if (address) {
    return address;
  }
  const part = (name: string) => {
    const value = tl.getVariable(name);
    if (!value) {
      throw new TaskError(`The agent names neither System.OidcRequestUri nor ${name}. Update the agent.`);
    }
    return value;
  };
  const collection = part("System.CollectionUri").replace(/\/+$/, "");
  const plan = `hubs/${part("System.HostType")}/plans/${part("System.PlanId")}/jobs/${part("System.JobId")}`;
  return `${collection}/${part("System.TeamProjectId")}/_apis/distributedtask/${plan}/oidctoken`;
}

/** AZURE_CLIENT_ID alone turns the machine's own identity into a user-assigned one: it is set only when one is named. */
function managedIdentity(id: string): Environment {
  const client = (tl.getEndpointDataParameter(id, "msiclientId", true) ?? "").trim();
  return {
    ...announcedIdentity(),
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
    ...(client ? { AZURE_CLIENT_ID: client } : {}),
  };
}

function needed(id: string, key: string): string {
  const value = endpointParameter(id, key);
  if (!value) {
    throw new TaskError(
      `The service connection holds no ${key}, without which it cannot sign in. Open it in Project settings > Service connections, and save it anew.`,
    );
  }
  return value;
}
