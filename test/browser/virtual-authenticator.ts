import type { CDPSession } from 'playwright-core';

export interface AuthenticatorOptions {
  /** In the device itself (default), or a phone that a QR code is shown to: `authenticatorAttachment` tells them apart. */
  kind?: 'platform' | 'cross-device';
  /** Whether it has a fingerprint reader, a PIN or the like; default true. Without it, it fails where it is required. */
  hasUserVerification?: boolean;
  /** Whether its passkeys are synced, as those of phones are: flags BE and BS; default true. */
  isSynced?: boolean;
}

/** A passkey with all that makes it one: added to another authenticator it works there, too. */
export interface DevicePasskey {
  /** base64url, as WebAuthn's JSON and databases have it. */
  id: string;
  rpId: string;
  /** base64url. */
  userHandle: string;
  userName: string;
  userDisplayName: string;
  /** The last one given; the next assertion tells one more. -1 for one that never counts and tells 0. */
  signCount: number;
  /** PKCS#8, DER, base64. */
  privateKey: string;
}

export interface VirtualAuthenticator extends AsyncDisposable {
  credentials(): Promise<DevicePasskey[]>;
  /** Fails where the authenticator has one of its id. A changed `signCount` or `userHandle` is how a clone answers. */
  addCredential(passkey: DevicePasskey): Promise<void>;
  removeCredential(id: string): Promise<void>;
  /** The next passkey that a page makes or uses, or that a page's signal removes. Ask before what brings it about. */
  next(event: 'added' | 'asserted'): Promise<DevicePasskey>;
  next(event: 'deleted'): Promise<string>;
  /**
   * With false the person refuses: a ceremony that requires or prefers user verification fails at once with
   * NotAllowedError, as when its dialog is cancelled.
   */
  setUserVerified(isUserVerified: boolean): Promise<void>;
  /** With false nobody does anything: ceremonies wait until the page's timeout or abort. A waiting one goes on waiting. */
  setPresent(isPresent: boolean): Promise<void>;
  /** What the following answers lie about: an invalid signature, flags UV or UP that are not set. */
  spoil(what: { signature?: boolean; userVerified?: boolean; userPresent?: boolean }): Promise<void>;
  close(): Promise<void>;
}

interface WireCredential {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  userHandle?: string;
  userName?: string;
  userDisplayName?: string;
  signCount: number;
  privateKey: string;
}

const toBase64url = (base64: string) => Buffer.from(base64, 'base64').toString('base64url');
const toBase64 = (base64url: string) => Buffer.from(base64url, 'base64url').toString('base64');

const fromWire = (wire: WireCredential): DevicePasskey => ({
  id: toBase64url(wire.credentialId),
  rpId: wire.rpId ?? '',
  userHandle: toBase64url(wire.userHandle ?? ''),
  userName: wire.userName ?? '',
  userDisplayName: wire.userDisplayName ?? '',
  signCount: wire.signCount,
  privateKey: wire.privateKey,
});

const toWire = ({ id, userHandle, ...rest }: DevicePasskey): WireCredential => ({
  ...rest,
  credentialId: toBase64(id),
  userHandle: toBase64(userHandle),
  isResidentCredential: true,
});

interface Events {
  'WebAuthn.credentialAdded': { authenticatorId: string; credential: WireCredential };
  'WebAuthn.credentialAsserted': { authenticatorId: string; credential: WireCredential };
  'WebAuthn.credentialDeleted': { authenticatorId: string; credentialId: string };
}

function nextOf<Name extends keyof Events>(
  session: CDPSession,
  authenticatorId: string,
  name: Name,
): Promise<Events[Name]> {
  return new Promise((resolve) => {
    const listen = (event: Events[Name]) => {
      if (event.authenticatorId !== authenticatorId) return;
      session.off(name, listen);
      resolve(event);
    };
    session.on(name, listen);
  });
}

/**
 * Gives a page an authenticator that stores discoverable credentials and answers every ceremony at once, without a
 * dialog. It is the page's own, whatever site it goes to. Chromium takes one of each kind per page.
 */
export async function addVirtualAuthenticator(
  session: CDPSession,
  { kind = 'platform', hasUserVerification = true, isSynced = true }: AuthenticatorOptions = {},
): Promise<VirtualAuthenticator> {
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: kind === 'platform' ? 'internal' : 'hybrid',
      hasResidentKey: true,
      hasUserVerification,
      isUserVerified: hasUserVerification,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: isSynced,
      defaultBackupState: isSynced,
    },
  });

  function next(event: 'added' | 'asserted'): Promise<DevicePasskey>;
  function next(event: 'deleted'): Promise<string>;
  async function next(event: 'added' | 'asserted' | 'deleted'): Promise<DevicePasskey | string> {
    switch (event) {
      case 'added':
        return fromWire((await nextOf(session, authenticatorId, 'WebAuthn.credentialAdded')).credential);
      case 'asserted':
        return fromWire((await nextOf(session, authenticatorId, 'WebAuthn.credentialAsserted')).credential);
      case 'deleted':
        return toBase64url(
          (await nextOf(session, authenticatorId, 'WebAuthn.credentialDeleted')).credentialId,
        );
      default:
        return event satisfies never;
    }
  }

  const close = async () => {
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  };
  return {
    async credentials() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.map(fromWire);
    },
    async addCredential(passkey) {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential: toWire(passkey) });
    },
    async removeCredential(id) {
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId: toBase64(id) });
    },
    next,
    async setUserVerified(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async setPresent(enabled) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    async spoil({ signature = false, userVerified = false, userPresent = false }) {
      await session.send('WebAuthn.setResponseOverrideBits', {
        authenticatorId,
        isBogusSignature: signature,
        isBadUV: userVerified,
        isBadUP: userPresent,
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
