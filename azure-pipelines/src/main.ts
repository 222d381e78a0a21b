import "./sealed"; // first: it takes the secrets out of the environment before anything can print them

import { Cancellation } from "./cancellation";
import { Folders } from "./folders";
import { complete, setOutputs } from "./publishing";
import { check, outcomeOfError } from "./task";

/**
 * The agent learns by `task.complete` how the step ended. The process itself always ends with 0: another status says
 * that the task is broken, and hides what it had to say.
 */
async function main(): Promise<void> {
  const cancellation = new Cancellation();
  let folders: Folders | undefined;
  try {
    const own = new Folders();
    folders = own;
    cancellation.listen(() => own.remove()); // should the agent lose its patience, no key is left
    complete(await check(folders, cancellation));
  } catch (thrown) {
    setOutputs();
    complete(outcomeOfError(thrown, cancellation.isRequested));
  } finally {
    folders?.remove();
  }
}

process.on("uncaughtException", (error) => complete(outcomeOfError(error, false)));
void main();
