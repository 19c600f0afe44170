import { YonderError } from '../../protocol/errors.ts';

export interface DomainRules {
  allowed?: readonly string[] | undefined;
  blocked?: readonly string[] | undefined;
}

/** Throws `forbidden` for a URL outside of the toolset's domains; a domain stands for itself and all below it. */
export function checkDomain(url: URL, { allowed, blocked }: DomainRules): void {
  const host = plainHost(url.hostname);
  if (blocked?.some((domain) => isWithin(host, domain)) === true)
    throw new YonderError('forbidden', `${url.origin} is not read: the team blocks the domain ${host}`);
  if (allowed === undefined || allowed.some((domain) => isWithin(host, domain))) return;
  throw new YonderError('forbidden', `${url.origin} is not read: the team allows only ${allowed.join(', ')}`);
}

function isWithin(host: string, domain: string): boolean {
  const wanted = plainHost(domain.replace(/^\*?\./, ''));
  return host === wanted || (wanted !== '' && host.endsWith(`.${wanted}`));
}

/** As a URL writes it, without the dot of the root. */
function plainHost(name: string): string {
  const host = URL.parse(`http://${name}/`)?.hostname ?? name.toLowerCase();
  return host.replace(/\.$/, '');
}

/** A URL as rules are to see it: one spelling for each place. What is no URL stays as it is, to be refused with words later. */
export function canonicalUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) return text;
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.replace(/\.+$/, '');
  return url.href;
}
