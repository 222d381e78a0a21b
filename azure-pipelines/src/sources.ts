import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { TaskError } from "./errors";

/** What pip is to install, and a mark that tells one origin from another. */
export interface Source {
  readonly version: string;
  readonly pipWords: readonly string[];
  readonly mark: string;
}

const WHEEL = /^aksacr-(?<version>[^-]+)-.*\.whl$/i;

/** A version from the package index that pip is set up for. */
export function fromIndex(version: string): Source {
  return { version, pipWords: [`aksacr==${version}`], mark: "index" };
}

/**
 * A version from a folder of wheels; no index is asked. Without a version the folder's only one, or the task's own.
 * Raises TaskError when the folder holds no such wheel.
 */
export function fromWheelhouse(folder: string, wanted: string): Source {
  const wheels = new Map<string, string>();
  for (const name of fs.readdirSync(folder)) {
    const version = WHEEL.exec(name)?.groups?.["version"];
    if (version !== undefined) {
      wheels.set(version, path.join(folder, name));
    }
  }
  const versions = [...wheels.keys()].sort();
  const version = wanted || (versions.length === 1 ? (versions[0] ?? "") : CLI_VERSION);
  const wheel = wheels.get(version);
  if (wheel === undefined) {
    const holds = versions.length > 0 ? `aksacr ${versions.join(", ")}` : "no wheel of aksacr";
    throw new TaskError(
      `The folder ${folder} holds ${holds}, and aksacr ${version} is wanted. Fill it with \`pip download -d FOLDER aksacr==${version}\`, or name another version in cliVersion.`,
    );
  }
  // The same version may be built anew: what was installed from another file is another installation.
  const mark = createHash("sha256").update(fs.readFileSync(wheel)).digest("hex").slice(0, 12);
  return { version, pipWords: ["--no-index", "--find-links", folder, `aksacr==${version}`], mark };
}
