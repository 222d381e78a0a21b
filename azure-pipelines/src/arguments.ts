import { TaskError } from "./errors";

/**
 * Split a line into words at blanks. Quotes, '…' and "…", hold a word together and are taken away; nothing else has
 * a meaning, so that a Windows path keeps its backslashes. Raises TaskError when a quote is left open.
 */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let isWord = false;
  let quote = "";
  for (const letter of line) {
    if (quote) {
      if (letter === quote) {
        quote = "";
      } else {
        word += letter;
      }
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      isWord = true;
    } else if (/\s/.test(letter)) {
      if (isWord) {
        words.push(word);
      }
      word = "";
      isWord = false;
    } else {
      word += letter;
      isWord = true;
    }
  }
  if (quote) {
    throw new TaskError(`The input extraArguments opens a quote (${quote}) and does not close it. Close it.`);
  }
  return isWord ? [...words, word] : words;
}
