import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import retire from 'retire/lib/retire.js';
import type { Component, Repository } from 'retire/lib/types.d.ts';
import type { LibrarySeen } from '../evidence.ts';

const repository: Repository = JSON.parse(
  retire.replaceVersion(readFileSync(new URL('../../../rules/libraries.json', import.meta.url), 'utf8')),
);

/** Longer scripts are bundles; the banner of a library stands near its beginning. */
const MAX_CONTENT = 1_000_000;

const hasher = { sha1: (data: string): string => createHash('sha1').update(data).digest('hex') };

/** The known libraries that a script is or contains, by its address and its text, with the advisories that apply. */
export function librariesIn(url: string, content: string | null): LibrarySeen[] {
  const found: Component[] = [
    ...retire.scanUri(url, repository),
    ...retire.scanFileName(new URL(url).pathname.split('/').pop() ?? '', repository, false),
    ...(content === null ? [] : retire.scanFileContent(content.slice(0, MAX_CONTENT), repository, hasher)),
  ];
  const byName = new Map<string, LibrarySeen>();
  for (const library of found) {
    const key = `${library.component} ${library.version}`;
    if (byName.has(key)) continue;
    byName.set(key, {
      name: library.component,
      version: library.version,
      url,
      advisories: (library.vulnerabilities ?? []).map((advisory) => ({
        id: advisory.identifiers.CVE?.[0] ?? advisory.identifiers.githubID ?? '',
        severity: advisory.severity,
        fixedIn: advisory.below,
      })),
    });
  }
  return [...byName.values()];
}
