import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as tl from "azure-pipelines-task-lib/task";

/** The run's own folders below Agent.TempDirectory, which the agent empties when the job ends. */
export class Folders {
  /** For the reports: the agent reads them after the task has ended, in a container job as another user. */
  readonly reports: string;
  readonly #scratch: string;

  constructor() {
    const base = tl.getVariable("Agent.TempDirectory") || os.tmpdir();
    fs.mkdirSync(base, { recursive: true });
    this.reports = fs.mkdtempSync(path.join(base, "aksacr-reports-"));
    fs.chmodSync(this.reports, 0o755);
    this.#scratch = fs.mkdtempSync(path.join(base, "aksacr-")); // 0700
    // However the process ends, short of being killed. A file with a key must not stay.
    process.on("exit", () => this.remove());
  }

  report(name: string): string {
    return path.join(this.reports, name);
  }

  /** Write a file that only this user may read, and that is gone when the task has ended. */
  keep(name: string, content: string): string {
    const file = path.join(this.#scratch, name);
    fs.writeFileSync(file, content, { mode: 0o600, flag: "wx" });
    return file;
  }

  /** An empty folder that is gone when the task has ended. */
  empty(name: string): string {
    const folder = path.join(this.#scratch, name);
    fs.mkdirSync(folder, { mode: 0o700 });
    return folder;
  }

  remove(): void {
    fs.rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}
