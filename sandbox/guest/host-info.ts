/** Versions of the host's runtime, as `process.versions` shows them. Set when a context is made. */
let versions: Record<string, string> = { node: '24.0.0' };

export function setHostInfo(hostVersions: Record<string, string>): void {
  versions = hostVersions;
}

export function hostVersions(): Record<string, string> {
  return versions;
}
