import type { IssueAnswer } from '../model/token.js';

/** The plaintext of a token that was just issued: the one secret that its owner has to be shown, once. */
export function plaintextOf(answer: Extract<IssueAnswer, { state: 'issued' }>): string {
  return answer.token.reveal();
}
