import { type Planted, plantHidingPlaces } from '../../fixtures/git/hiding-places.js';
import { type TestRepository, temporaryRepository } from './git-repository.js';
import { orgToken } from './tokens.js';

/** A repository with a token in every hiding place, made by `git init` with these arguments. */
export function plantedRepository(...args: string[]): {
  repository: TestRepository;
  planted: readonly Planted[];
} {
  const repository = temporaryRepository({ args });
  const git = (command: readonly string[], input?: string) =>
    repository.gitBytes(command, input).toString().trimEnd();
  return { repository, planted: plantHidingPlaces({ path: repository.path, git, token: orgToken }) };
}
