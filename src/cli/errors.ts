/** The call or the configuration is wrong: exit code 3, nothing was done. The message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
