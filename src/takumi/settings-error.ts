/** What configures the connection is incomplete, contradicts itself or is not safe. The message says what to set. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
