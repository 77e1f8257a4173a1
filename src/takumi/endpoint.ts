import { SettingsError } from './settings-error.js';

export const DEFAULT_API_URL = 'https://api.cloud.shisho.dev/v1';

/**
 * The one place that requests go to. HTTPS always; plain HTTP is for loopback (the emulator) only.
 *
 * @returns the URL without a slash at its end.
 * @throws {SettingsError} saying what is wrong with it. The text itself is not repeated: it may hold a password.
 */
export function parseApiUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new SettingsError(`TAKUMI_API_URL is not a URL. Leave it unset for ${DEFAULT_API_URL}`);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new SettingsError(
      `TAKUMI_API_URL must begin with https:// (plain http is accepted for loopback only): the credential would cross the network readable`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SettingsError(
      'TAKUMI_API_URL must hold a host and a path only: no user, password, query or fragment',
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** Whether a host name, as `URL` normalizes it, can only be this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
