import { type Command, Option } from 'commander';
import { addEncryptionFlag, type EncryptionFlags } from '../cipher-of.ts';

/** What `run` and `record` share. */
export interface RunFlags extends EncryptionFlags {
  dir?: string;
  connection?: string;
  identifier?: string;
  userId?: string;
  identifierType?: string;
  user?: string[];
  input?: string;
  inputFile?: string;
  method?: string;
  organization?: string;
  password?: string | true;
  passwordStdin?: boolean;
  egressAllow?: string;
  timeout?: string;
  json?: boolean;
  verbose?: boolean;
}

const secretOnTheCommandLine =
  'never a password: other users of the machine can read arguments, and shells keep them';

export function addRunFlags(command: Command): Command {
  command
    .option('--dir <path>', 'directory with the connections (DRAWBRIDGE_DIR, default ./tenant)')
    .option('--connection <name>', 'which connection; needed when the directory has several')
    .option('--identifier <text>', 'who: an email, a username or a phone number')
    .option('--user-id <id>', 'who: the permanent id (get_user, delete)')
    .option('--identifier-type <type>', 'of a look-up: email, username or phone_number')
    .option('--user <key=value...>', 'fields of the user to create; a value that is JSON is taken as JSON')
    .option('--input <json>', `the whole input as the HTTP API takes it; ${secretOnTheCommandLine}`)
    .option('--input-file <path>', 'the same from a file, - for standard input')
    .option('--method <name>', 'how the new user will log in: password or passkey')
    .option('--organization <id|json>', 'context.organization')
    .option('--password-stdin', 'read the password from standard input')
    .addOption(new Option('--password [text]').hideHelp())
    .option('--egress-allow <list>', 'private places that scripts may reach (DRAWBRIDGE_EGRESS_ALLOW)')
    .option('--timeout <ms>', 'wall-clock limit (DRAWBRIDGE_SCRIPT_TIMEOUT_MS, default 20000)')
    .option('--verbose', 'list each rule for profiles, those that were kept too')
    .option('--json', 'print everything as one JSON object');
  return addEncryptionFlag(command);
}
