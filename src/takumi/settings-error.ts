import { Misuse } from '../model/misuse.js';

/** What configures the connection is incomplete, contradicts itself or is not safe. The message says what to set. */
export class SettingsError extends Misuse {
  override readonly name = 'SettingsError';
}
