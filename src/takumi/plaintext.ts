import type { IssueAnswer } from '../model/token.js';

/** The plaintext of a token that was just issued: the service shows it this once, so it must reach its user. */
export function plaintextOf(answer: IssueAnswer & { readonly state: 'issued' }): string {
  return answer.token.reveal();
}
