/**
 * Text that others wrote, made safe for the agent, which executes `##vso[` wherever it stands in a line.
 *
 * The agent looks for it with a .NET search that follows the culture (`message.IndexOf("##vso[")` in Command.TryParse),
 * so that a soft hyphen between the letters hides nothing from it. The same rule as in aksacr/log_safety.py, because
 * pip and a broken installation write here, too.
 */
const IGNORED =
  "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e" +
  "\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\u{e0000}-\\u{e0fff}]*";
const COMMAND = new RegExp(`(#${IGNORED}#)(?=${IGNORED}(?:v${IGNORED}s${IGNORED}o${IGNORED})?\\[)`, "giu");

/** Break what an agent would act on: `##vso[` becomes `##_vso[`, `##[` becomes `##_[`. All else is left alone. */
export function neutralise(text: string): string {
  return text.replace(COMMAND, "$1_");
}
