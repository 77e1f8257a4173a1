/**
 * The call, the configuration or the credential is wrong, and nothing was done: exit code 3. The message says what is
 * wrong and what to do, and never quotes a credential.
 */
export class Misuse extends Error {
  override readonly name: string = 'Misuse';
}
