import type { SecretValue } from '../model/secret.js';

/** The plaintext of a token that was just issued: the one secret that its owner has to be given, once. */
export function plaintextOf({ token }: { readonly token: SecretValue }): string {
  return token.reveal();
}
