import { ShapeError } from './json-shape.js';

/**
 * The query of the next page that a `Link` header names (RFC 8288), `undefined` when it names none.
 *
 * @param page the URL of the page that came with it.
 * @throws {ShapeError} when the next page lies anywhere but at the same address with another query: following it
 *   would carry the credential there.
 */
export function nextOfLink(header: string | undefined, page: URL): string | undefined {
  if (header === undefined) return undefined;
  for (const [, target, parameters] of header.matchAll(/<([^>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;]+))/i.exec(parameters ?? '');
    const names = (relations?.slice(1).find((each) => each !== undefined) ?? '').toLowerCase().split(/\s+/);
    if (!names.includes('next')) continue;
    if (target === undefined || !URL.canParse(target, page.href)) {
      throw new ShapeError('the Link header names a next page that is not a URL');
    }
    const next = new URL(target, page);
    if (next.origin !== page.origin || next.pathname !== page.pathname) {
      throw new ShapeError('the Link header leads to another address than the list, which is never followed');
    }
    return next.search.slice(1);
  }
  return undefined;
}
