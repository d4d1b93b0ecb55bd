import { harmlessError } from '../../sandbox/contract/harmless-error.ts';

/** Options of Node that write its memory into files, and with it whatever passwords it holds at that moment. */
const dumps = /--(?:heapsnapshot-\S+|heap-prof\S*|report-\S+|abort-on-uncaught-exception|inspect\S*)/g;

/**
 * Of the service itself nothing leaves the process when it fails but the type of the error and the places: Node would
 * print the message and all properties, which may be a request's body. Reports of Node, which hold the environment, are
 * off. Answers what the operator should know: options that write the memory to disk all the same.
 */
export function crashQuietly(args: readonly string[] = process.execArgv): string[] {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`the service failed and ends: ${harmlessError(error).stack}\n`);
    process.exit(1);
  });
  // Else it opens the debugger to whoever can send the signal: a process of the same user, a sandbox process included.
  process.on('SIGUSR1', () => {});
  const { report } = process;
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
  report.excludeEnv = true;
  const given = [...args, process.env.NODE_OPTIONS ?? ''].join(' ');
  const options = [...new Set(given.match(dumps) ?? [])].filter((option) => !option.startsWith('--report'));
  return options.map((option) => `Node was started with ${option}, which shows what is in its memory`);
}
