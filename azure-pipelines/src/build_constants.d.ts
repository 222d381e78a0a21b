/** The version of aksacr that this task was built for; scripts/build.mjs puts it in from package.json. */
declare const CLI_VERSION: string;
