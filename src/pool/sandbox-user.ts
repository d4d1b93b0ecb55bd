import { readFileSync } from 'node:fs';

/** The user that sandbox processes run as. */
export interface SandboxUser {
  name: string;
  uid: number;
  gid: number;
}

/** Of `name`, by /etc/passwd, or of `uid:gid`. Undefined when there is no such user. */
export function findSandboxUser(text: string): SandboxUser | undefined {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (uid !== undefined) return { name: text, uid: Number(uid), gid: Number(gid) };
  for (const line of passwdLines()) {
    const [name, , userId, groupId] = line.split(':');
    if (name === text && /^\d+$/.test(userId ?? '') && /^\d+$/.test(groupId ?? '')) {
      return { name, uid: Number(userId), gid: Number(groupId) };
    }
  }
  return undefined;
}

function passwdLines(): string[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n');
  } catch {
    return [];
  }
}
