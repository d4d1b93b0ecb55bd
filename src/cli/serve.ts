import { type Command, Option } from 'commander';
import { type Flags, loadConfig } from '../config.ts';
import { type Setting, settings } from '../config-settings.ts';

const examples = `
A flag comes before its variable. Set in the environment only:
  DRAWBRIDGE_API_KEY         one API key with every scope, for small installations
  DRAWBRIDGE_ENCRYPTION_KEY  keys that encrypted values are read with; see "drawbridge help secrets"

Examples:
  $ npx drawbridge serve --dir ./tenant
  $ npx drawbridge serve --dir ./tenant --egress-allow localhost:5432,10.0.0.0/8
  $ DRAWBRIDGE_API_KEY=$(openssl rand -hex 32) npx drawbridge serve --host 0.0.0.0
  $ npx drawbridge serve --api-keys-file keys.json --tenant acme

On SIGTERM or SIGINT it answers what is under way and ends; a second signal ends it at once.
`;

function optionOf({ flag, variable, description, byDefault }: Setting): Option | undefined {
  if (!flag) return undefined;
  const shown = typeof byDefault === 'function' ? `${byDefault()}, the number of cores` : byDefault;
  const standing = shown ? `${variable}, default ${shown}` : variable;
  return new Option(`--${flag.name} <${flag.argument}>`, `${description} (${standing})`);
}

/** The flags of the configuration, for every command that starts the service; `but`: what the command settles itself. */
export function addConfigFlags(command: Command, but?: Setting['key']): Command {
  for (const setting of settings) {
    const option = setting.key === but ? undefined : optionOf(setting);
    if (option) command.addOption(option);
  }
  return command;
}

export function register(program: Command): void {
  const command = program.command('serve').description('serve the connections of a directory');
  addConfigFlags(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const config = loadConfig(flags, process.env);
      const { serve } = await import('./run-service.ts');
      await serve(config);
    });
}
