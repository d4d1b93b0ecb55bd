/** The same answers everywhere: nothing of the machine is told. */

const signals = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };
const errno = {
  EACCES: 13,
  EADDRINUSE: 98,
  ECONNABORTED: 103,
  ECONNREFUSED: 111,
  ECONNRESET: 104,
  EHOSTUNREACH: 113,
  EINVAL: 22,
  ENOENT: 2,
  ENOTFOUND: 3008,
  EPIPE: 32,
  ETIMEDOUT: 110,
};

export const os = {
  EOL: '\n',
  devNull: '/dev/null',
  constants: { signals, errno, UV_UDP_REUSEADDR: 4 },
  arch: () => 'x64',
  availableParallelism: () => 1,
  cpus: () => [],
  endianness: () => 'LE',
  freemem: () => 0,
  homedir: () => '/',
  hostname: () => 'sandbox',
  loadavg: () => [0, 0, 0],
  machine: () => 'x86_64',
  networkInterfaces: () => ({}),
  platform: () => 'linux',
  release: () => '0.0.0',
  tmpdir: () => '/tmp',
  totalmem: () => 0,
  type: () => 'Linux',
  uptime: () => 0,
  userInfo: () => ({ uid: -1, gid: -1, username: 'sandbox', homedir: '/', shell: null }),
  version: () => '',
};

export const constants = { ...errno, ...signals };
