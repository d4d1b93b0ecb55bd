import { z } from 'zod';
import {
  apiKey,
  cores,
  directory,
  egressList,
  encryptionKeys,
  hostName,
  integer,
  networkList,
  tenantName,
} from './config-fields.ts';
import { keysAllowed } from './encryption/load-cipher.ts';

/** The one schema of flags and environment: text in, values out. */
export const configSchema = z.object({
  dir: directory,
  host: hostName,
  port: integer(0, 65_535),
  tenant: tenantName,
  apiKey: apiKey.optional(),
  apiKeysFile: directory.optional(),
  encryptionKey: encryptionKeys.optional(),
  encryptionKeyFile: directory.optional(),
  loginAttempts: integer(0, 10_000),
  loginAttemptsPerSource: integer(0, 1_000_000),
  loginWindowS: integer(1, 604_800),
  trustedProxies: networkList,
  sandboxProcesses: integer(1, 256),
  maxUnderWay: integer(1, 10_000),
  maxWaiting: integer(0, 1_000_000),
  connectionMaxUnderWay: integer(1, 1_000_000).optional(),
  connectionMaxWaiting: integer(0, 1_000_000),
  maxOwnProcesses: integer(0, 256),
  egressAllow: egressList,
  scriptTimeoutMs: integer(100, 600_000),
  scriptCpuMs: integer(10, 600_000),
  scriptMemoryMb: integer(16, 4_096),
  processMemoryMb: integer(128, 1_000_000),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  logFormat: z.enum(['auto', 'json', 'text']),
});

export type Config = Readonly<z.output<typeof configSchema>>;
export type ConfigKey = keyof Config;

export interface Setting {
  key: ConfigKey;
  variable: string;
  /** Absent where the value is a secret: command lines are readable by every process of the machine. */
  flag?: { name: string; argument: string };
  description: string;
  /** As text; a function where it depends on the machine. Absent when the setting is off by default. */
  byDefault?: string | (() => string);
  allowed: string;
}

const setting = (
  key: ConfigKey,
  name: string,
  argument: string | null,
  byDefault: Setting['byDefault'] | null,
  description: string,
  allowed: string,
): Setting => ({
  key,
  variable: `DRAWBRIDGE_${name.toUpperCase().replaceAll('-', '_')}`,
  ...(argument ? { flag: { name, argument } } : {}),
  ...(byDefault !== null && byDefault !== undefined ? { byDefault } : {}),
  description,
  allowed,
});

/** In the order in which help and docs/configuration.md list them. */
export const settings: readonly Setting[] = [
  setting('dir', 'dir', 'path', './tenant', 'directory with the connections', 'a path'),
  setting('host', 'host', 'address', '127.0.0.1', 'address to listen on', 'an IP address or a host name'),
  setting(
    'port',
    'port',
    'number',
    '3000',
    'port to listen on, 0 for any free one',
    'a whole number from 0 to 65535',
  ),
  setting(
    'tenant',
    'tenant',
    'name',
    'default',
    'name of the tenant served; API keys are bound to it',
    'letters, digits, - and _, at most 63',
  ),
  setting(
    'apiKey',
    'api-key',
    null,
    null,
    'one API key with every scope, for small installations',
    '16 to 512 visible ASCII characters without spaces, for example from: openssl rand -hex 32',
  ),
  setting(
    'apiKeysFile',
    'api-keys-file',
    'path',
    null,
    'file of API keys made by "drawbridge keys create"',
    'a path',
  ),
  setting(
    'encryptionKey',
    'encryption-key',
    null,
    null,
    'keys that encrypted configuration values and the file of API keys are read with',
    keysAllowed,
  ),
  setting(
    'encryptionKeyFile',
    'encryption-key-file',
    'path',
    null,
    'file of these keys, one a line, in place of the variable',
    'a path',
  ),
  setting(
    'loginAttempts',
    'login-attempts',
    'number',
    '10',
    'failed logins in a row of one user until more are refused, 0 for no limit',
    'a whole number from 0 to 10000',
  ),
  setting(
    'loginAttemptsPerSource',
    'login-attempts-per-source',
    'number',
    '100',
    'failed logins from one address until more are refused, 0 for no limit',
    'a whole number from 0 to 1000000',
  ),
  setting(
    'loginWindowS',
    'login-window-s',
    'seconds',
    '3600',
    'how long failed logins count, from the first of them',
    'a whole number from 1 to 604800',
  ),
  setting(
    'trustedProxies',
    'trusted-proxies',
    'list',
    '',
    'whose X-Forwarded-For names the address of the end user: the auth server, as a rule',
    'a comma list of IP addresses and CIDRs',
  ),
  setting(
    'sandboxProcesses',
    'sandbox-processes',
    'number',
    cores,
    'sandbox processes to run scripts in',
    'a whole number from 1 to 256',
  ),
  setting(
    'maxUnderWay',
    'max-under-way',
    'number',
    '64',
    'executions under way in one sandbox process',
    'a whole number from 1 to 10000',
  ),
  setting(
    'maxWaiting',
    'max-waiting',
    'number',
    '1000',
    'executions that may wait for a sandbox process; more are answered "overloaded"',
    'a whole number from 0 to 1000000',
  ),
  setting(
    'connectionMaxUnderWay',
    'connection-max-under-way',
    'number',
    null,
    'executions of one connection under way in all; three quarters of all places unless set',
    'a whole number from 1 to 1000000',
  ),
  setting(
    'connectionMaxWaiting',
    'connection-max-waiting',
    'number',
    '250',
    'executions of one connection that may wait',
    'a whole number from 0 to 1000000',
  ),
  setting(
    'maxOwnProcesses',
    'max-own-processes',
    'number',
    '16',
    'processes for connections with isolation "process"',
    'a whole number from 0 to 256',
  ),
  setting(
    'egressAllow',
    'egress-allow',
    'list',
    '',
    'private addresses that scripts may reach; "acme=10.1.2.3:5432" for the connection acme alone',
    'a comma list of host, host:port, *.host, CIDR or CIDR:port, IPv6 with a port in brackets, each with or without "connection=" before it',
  ),
  setting(
    'scriptTimeoutMs',
    'script-timeout-ms',
    'ms',
    '20000',
    'wall-clock limit of one execution',
    'a whole number from 100 to 600000',
  ),
  setting(
    'scriptCpuMs',
    'script-cpu-ms',
    'ms',
    '5000',
    'CPU limit of one execution',
    'a whole number from 10 to 600000',
  ),
  setting(
    'scriptMemoryMb',
    'script-memory-mb',
    'MB',
    '128',
    "memory limit of a connection's isolate",
    'a whole number from 16 to 4096',
  ),
  setting(
    'processMemoryMb',
    'process-memory-mb',
    'MB',
    '1536',
    'memory of a whole sandbox process from which it is replaced; at half as much again it is ended at once',
    'a whole number from 128 to 1000000',
  ),
  setting(
    'logLevel',
    'log-level',
    'level',
    'info',
    'least severe log lines to write',
    'one of trace, debug, info, warn, error, fatal, silent',
  ),
  setting(
    'logFormat',
    'log-format',
    'format',
    'auto',
    'log lines as JSON or as text; auto is text on a terminal',
    'one of auto, json, text',
  ),
];
