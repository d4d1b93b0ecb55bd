import { buildGuest } from '../sandbox/build/build-guest.ts';

/** Ahead of all test files, so that they do not each find the guest build missing. */
export default async function buildGuestOnce(): Promise<void> {
  await buildGuest({ onProgress: (text) => console.log(text) });
}
