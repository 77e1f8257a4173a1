import { Misuse } from '../model/misuse.js';

/** How one kind of configuration file takes a token. Texts in, texts out; nothing else of the file changes. */
export interface ConfigFormat {
  /** Whether a file of this name (the last part of its path) is of this kind. */
  readonly isNamed: (name: string) => boolean;
  /** The registry that a file without one gets. */
  readonly registry: string;
  /** @throws {DeliveryError} where the file configures something else in the token's place. */
  readonly insert: (text: string, token: string, registry: URL) => string;
}

/** A token can't be put where it was to go. Nothing was written. */
export class DeliveryError extends Misuse {
  override readonly name = 'DeliveryError';
}
