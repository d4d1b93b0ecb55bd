import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { PasswordInput } from '../../src/cli/read-password.ts';
import type { CommandIo } from '../../src/cli/run/load-for-run.ts';
import { openSandbox, type TestSandbox } from '../../src/testkit/open-sandbox.ts';

export interface RecordedIo extends CommandIo {
  stdout(): string;
  stderr(): string;
}

/** What a command has around it: `stdin` is piped in, the sandbox is shared by all commands of a file. */
export function commandIo(
  sandbox: TestSandbox | undefined,
  env: Record<string, string | undefined>,
  stdin: string | PasswordInput = '',
): RecordedIo {
  let out = '';
  let err = '';
  return {
    stdin: typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [stdin]) : stdin,
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    openSandbox: async (options) => {
      if (!sandbox) throw new Error('This command was not to open a sandbox');
      return { ...sandbox, limits: { ...sandbox.limits, ...options.limits }, close: async () => {} };
    },
    stdout: () => out,
    stderr: () => err,
  };
}

export const openNetworkSandbox = () =>
  openSandbox({ upstream: 'network', egressAllow: ['127.0.0.1'], limits: { wallMs: 1_500 } });

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** A user store on loopback. */
export async function startStore(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
