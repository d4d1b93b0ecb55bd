const NEEDED_MAJOR = 24;

/**
 * Throws an Error with what to do when `version` (`v20.1.0`) is too old. Test runners start under Nodes that
 * isolated-vm has no build for, and its own words for that are of no help to an author of scripts.
 */
export function checkNode(version: string): void {
  if (Number.parseInt(version.slice(1), 10) >= NEEDED_MAJOR) return;
  throw new Error(
    `The testkit needs Node ${NEEDED_MAJOR} or newer; these tests run under ${version}. Put one into the project ` +
      `with "npm i -D node@${NEEDED_MAJOR}", and start the tests by npx or an npm script, which then take it`,
  );
}
